"""From a clip to an anonymous record on a real broker, heard by a client that is none of our code."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import jsonschema
import psutil
from broker import Ear, Mosquitto, eventually

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "contract" / "record.schema.json").read_text())
QUICK = {"EDGE_ENGAGE_WINDOW_SECONDS": "2"}


def records(ear: Ear) -> list[dict]:
    return [json.loads(payload) for payload in ear.said("engagement")]


def test_three_windows_reach_the_broker_and_satisfy_the_schema(start, clip, tmp_path) -> None:
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear:
        sensor = start(
            *("run", "--source", clip, "--mqtt", broker.url, "--site", "oak", "--room", "r1"),
            *("--windows", 3, "--unpaced"),
        )
        assert sensor.wait(240) == 0, sensor.communicate()[1]
        eventually(lambda: ear.said("availability")[-1:] == ["offline"], "the sensor took its leave")
        heard = records(ear)
    assert [record["seq"] for record in heard] == [0, 1, 2]
    for record in heard:
        jsonschema.validate(record, SCHEMA, cls=jsonschema.Draft202012Validator)
        assert record["status"] == "ok"
        assert 10 <= record["faces"] <= 16
    assert all(20 < int(told.expiry) <= 30 for told in ear.heard if told.topic == "engagement")  # three windows
    assert "online" in ear.said("availability")
    assert json.loads(ear.said("health")[-1])["model"] == heard[-1]["model"]


def test_the_broker_says_offline_for_a_sensor_killed_minus_nine(start, clip, tmp_path) -> None:
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear:
        sensor = start("run", "--source", clip, "--mqtt", broker.url, "--site", "oak", "--room", "r1", **QUICK)
        eventually(lambda: records(ear), "a first record")
        assert ear.said("availability") == ["online"]
        sensor.send_signal(signal.SIGKILL)
        eventually(lambda: ear.said("availability")[-1:] == ["offline"], "the last will")


def test_pausing_closes_the_camera_and_withholds_and_resuming_measures_again(start, clip, tmp_path) -> None:
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear:
        sensor = start("run", "--source", clip, "--mqtt", broker.url, "--site", "oak", "--room", "r1", **QUICK)
        eventually(lambda: records(ear), "a first record")
        reads = lambda: any(file.path == str(clip) for file in psutil.Process(sensor.pid).open_files())  # noqa: E731
        assert reads()
        broker.publish("edge-engage/v1/oak/r1/command", "pause")
        eventually(lambda: ear.said("state")[-1:] == ["paused"], "the answer")
        eventually(lambda: records(ear)[-1]["status"] == "paused", "a paused record")
        assert not reads()
        assert "faces" not in records(ear)[-1]
        broker.publish("edge-engage/v1/oak/r1/command", "resume")
        eventually(lambda: ear.said("state")[-1:] == ["running"], "the answer")
        eventually(lambda: records(ear)[-1]["status"] == "ok", "a measured record")


def test_records_survive_a_broker_that_comes_late(start, clip, tmp_path) -> None:
    broker = Mosquitto(tmp_path)
    sensor = start(*("run", "--source", clip, "--mqtt", broker.url, "--site", "oak", "--room", "r1", "--json"), **QUICK)
    first = json.loads(sensor.stdout.readline())
    with broker, Ear(broker.port) as ear:
        # The newest comes first, and those that waited beside it.
        eventually(lambda: first["seq"] in {record["seq"] for record in records(ear)}, "the records that waited")


def test_too_few_faces_are_suppressed(finish, clip) -> None:
    result = finish("run", "--source", clip, "--unpaced", "--windows", 1, "--json", EDGE_ENGAGE_PRIVACY_K="100")
    record = json.loads(result.stdout)
    assert record["status"] == "suppressed"
    assert not {"faces", "engaged", "levels", "coverage"} & record.keys()


def test_a_black_picture_is_blind(finish, tmp_path) -> None:
    import cv2
    import numpy as np

    for n in range(30):
        cv2.imwrite(str(tmp_path / f"{n:02}.png"), np.zeros((240, 320, 3), np.uint8))
    result = finish("run", "--source", tmp_path, "--unpaced", "--windows", 1, "--json", **QUICK)
    assert json.loads(result.stdout)["status"] == "blind"


def test_orientation_is_told_only_when_configured(finish, clip) -> None:
    words = ("run", "--source", clip, "--unpaced", "--windows", 1, "--json")
    assert "orientation" not in json.loads(finish(*words).stdout)
    told = json.loads(finish(*words, EDGE_ENGAGE_VISION_ORIENTATION="true").stdout)
    jsonschema.validate(told, SCHEMA)
    assert told["orientation"]["front"] > 0


def test_a_file_ends_with_the_part_of_a_window_it_has(finish, clip) -> None:
    result = finish("run", "--source", clip, "--unpaced", "--json", EDGE_ENGAGE_WINDOW_SECONDS="15")
    lengths = [json.loads(line)["seconds"] for line in result.stdout.splitlines()]
    assert lengths[0] == 15
    assert len(lengths) == 2
    assert 4 < lengths[1] < 6


def test_no_track_number_box_or_score_is_ever_printed(finish, clip) -> None:
    result = finish("run", "--source", clip, "--unpaced", "--windows", 2, "--json")
    for line in result.stdout.splitlines():
        jsonschema.validate(json.loads(line), SCHEMA)  # forbids any further field
    assert len(result.stderr.splitlines()) < 5
