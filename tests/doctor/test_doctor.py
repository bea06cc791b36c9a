"""A machine with each fault made on purpose: the right line fails, and says what to do."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from authority import Authority
from broker import Ear, Mosquitto, eventually, free_port
from parts import need, need_root

from edge.cli import main
from edge.doctor.camera import picture
from edge.doctor.machine import examine
from edge.model import bundle
from edge.spool import hold

CLIP = Path(__file__).parents[2] / "edge" / "demo" / "classroom.mp4"

Ask = Callable[..., dict[str, tuple[str, str]]]


@pytest.fixture
def still(tmp_path: Path) -> Path:
    """One frame of the sample classroom, which is quickly looked at."""
    folder = tmp_path / "still"
    folder.mkdir()
    _, frame = cv2.VideoCapture(str(CLIP)).read()
    cv2.imwrite(str(folder / "frame.png"), frame)
    return folder


@pytest.fixture
def ask(still: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run `edge-engage doctor`; each part's grade and words."""
    monkeypatch.setenv("EDGE_ENGAGE_SERVICE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("EDGE_ENGAGE_SITE_REGION", "US")

    def run(*words: object, code: int = 1, **settings: str) -> dict[str, tuple[str, str]]:
        for name, value in settings.items():
            monkeypatch.setenv(f"EDGE_ENGAGE_{name}", value)
        source = () if "--camera" in words else ("--source", str(still))
        assert main(["doctor", *source, *map(str, words), "--json"]) == code
        told = json.loads(capsys.readouterr().out)
        assert told["ok"] is (code == 0)
        return {finding["part"]: (finding["grade"], finding["said"]) for finding in told["findings"]}

    return run


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """It knows one account, oak/r1, which may speak for that room."""
    passwords, access = tmp_path / "passwords", tmp_path / "access"
    program = need("mosquitto_passwd", "mosquitto")
    subprocess.run([program, "-c", "-b", passwords, "oak/r1", "right"], check=True)
    subprocess.run([program, "-b", passwords, "ear", "right"], check=True)
    access.write_text(
        "user ear\ntopic read edge-engage/#\n"
        "pattern write edge-engage/v1/%u/#\npattern read edge-engage/v1/%u/command\n"
    )
    text = f"allow_anonymous false\npassword_file {passwords}\nacl_file {access}"
    with Mosquitto(tmp_path, text) as running:
        yield running


def account(broker: Mosquitto, password: str) -> dict[str, str]:
    return {"MQTT_URL": broker.url, "MQTT_USERNAME": "oak/r1", "MQTT_PASSWORD": password}


def test_where_all_is_well_nothing_fails(ask: Ask, broker: Mosquitto) -> None:
    found = ask("--site", "oak", "--room", "r1", code=0, **account(broker, "right"))
    assert {grade for grade, _ in found.values()} <= {"ok", "warn"}
    assert "oak/r1 may speak and hear its commands" in found["account"][1]
    assert "all are judged" in found["faces"][1]
    assert set(found) >= {"configuration", "law", "detector", "model", "camera", "picture", "broker", "disk", "memory"}


def test_a_person_reads_lines(still: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("EDGE_ENGAGE_SERVICE_STATE_DIR", str(tmp_path / "state"))
    assert main(["doctor", "--source", str(still)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ok    configuration: the defaults can be read"
    assert lines[1].startswith("warn  law: site.region is not set")


def test_a_camera_that_is_not_there(ask: Ask) -> None:
    grade, said = ask("--camera", 77)["camera"]
    assert (grade, said[:31]) == ("fail", "There is no camera /dev/video77")


def test_a_wrong_password(ask: Ask, broker: Mosquitto) -> None:
    found = ask("--site", "oak", "--room", "r1", **account(broker, "wrong"))
    assert found["broker"][0] == "ok"
    assert found["account"][0] == "fail"
    assert "Check mqtt.username and the password" in found["account"][1]


def test_an_account_of_another_room(ask: Ask, broker: Mosquitto) -> None:
    grade, said = ask("--site", "oak", "--room", "r2", **account(broker, "right"))["account"]
    assert grade == "fail"
    assert "the broker refuses oak/r2" in said
    assert "access list" in said


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mqtt://127.0.0.1:{free}", "Connection refused. Is the broker running, and the port open?"),
        ("mqtt://nobody.invalid", 'nobody here knows a machine called "nobody.invalid"'),
    ],
)
def test_a_broker_that_cannot_be_reached(ask: Ask, url: str, words: str) -> None:
    grade, said = ask(MQTT_URL=url.format(free=free_port()))["broker"]
    assert grade == "fail"
    assert words in said


def test_a_broker_without_tls(ask: Ask, broker: Mosquitto) -> None:
    grade, said = ask(MQTT_URL=broker.url.replace("mqtt:", "mqtts:"))["broker"]
    assert grade == "fail"
    assert "Check the port, and mqtt:// or mqtts://" in said


def test_a_broker_whose_certificate_has_expired(ask: Ask, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    certificate, key = authority.issue("server", days=(-30, -1))
    text = f"listener PORT 127.0.0.1\ncertfile {certificate}\nkeyfile {key}\nallow_anonymous true"
    with Mosquitto(tmp_path, text) as running:
        url = f"mqtts://127.0.0.1:{running.port}"
        grade, said = ask(MQTT_URL=url, MQTT_CA_FILE=str(authority.file))["broker"]
    assert grade == "fail"
    assert "its certificate is not accepted: it has expired. Renew it" in said


def test_a_connection_that_anybody_may_listen_to(ask: Ask, broker: Mosquitto) -> None:
    settings = {**account(broker, "right"), "MQTT_URL": f"mqtt://0.0.0.0:{broker.port}"}
    grade, said = ask("--site", "oak", "--room", "r1", code=0, **settings)["encryption"]
    assert grade == "warn"
    assert "The connection to 0.0.0.0 is not encrypted" in said


def test_a_prohibited_region(ask: Ask) -> None:
    grade, said = ask(SITE_REGION="FR")["law"]
    assert grade == "fail"
    assert "Article 5(1)(f)" in said


def test_a_configuration_that_cannot_be_read(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[camera]\nsauce = 3\n")
    found = ask("--config", file)
    assert list(found) == ["configuration"]
    assert "sauce" in found["configuration"][1]


def test_a_broken_bundle(ask: Ask, tmp_path: Path) -> None:
    broken = tmp_path / "bundle"
    shutil.copytree(bundle.shipped("engagement"), broken)
    model = broken / "model.tflite"
    model.write_bytes(model.read_bytes()[:-1] + b"!")
    found = ask(MODEL_BUNDLE=str(broken))
    assert found["model"][0] == "fail"
    assert "model.tflite" in found["model"][1]
    assert found["camera"][0] == "ok"


def test_a_state_folder_that_is_none(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    grade, said = ask(SERVICE_STATE_DIR=str(tmp_path / "file"))["disk"]
    assert grade == "fail"
    assert "set service.state_dir" in said


def test_a_full_disk(ask: Ask, tmp_path: Path) -> None:
    need_root("to mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=True)
    try:
        (disk / "full").write_bytes(bytes(64 * 1024))
        grade, said = ask(SERVICE_STATE_DIR=str(disk))["disk"]
    finally:
        subprocess.run(["umount", disk], check=True)
    assert grade == "fail"
    assert "No space left on device. Make room." in said


def test_a_running_sensor_keeps_its_camera_and_its_account(ask: Ask, broker: Mosquitto, tmp_path: Path) -> None:
    with hold(tmp_path / "state"):
        found = ask("--camera", 77, code=0, **account(broker, "wrong"))
    assert "it runs (process" in found["sensor"][1]
    assert "left to the sensor that runs" in found["camera"][1]
    assert "account" not in found


def test_faces_too_small_to_be_judged(ask: Ask, still: Path) -> None:
    frame = cv2.imread(str(still / "frame.png"))
    small = cv2.resize(frame, None, fx=0.55, fy=0.55, interpolation=cv2.INTER_AREA)
    frame[:] = 120
    frame[: small.shape[0], : small.shape[1]] = small
    cv2.imwrite(str(still / "frame.png"), frame)
    grade, said = ask(code=0)["faces"]
    assert grade == "warn"
    assert "too small to be judged (below 17). Move the camera nearer, or zoom in." in said


def room() -> np.ndarray:
    return cv2.VideoCapture(str(CLIP)).read()[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda image: image // 6, "it is dark"),
        (lambda image: np.clip(image.astype(int) + 150, 0, 255).astype(np.uint8), "much of it is white"),
        (lambda image: cv2.GaussianBlur(image, (0, 0), 2), "it is blurred"),
    ],
)
def test_a_picture_that_nobody_could_judge(change: Callable[[np.ndarray], np.ndarray], words: str) -> None:
    assert picture(room()).grade == "ok"
    found = picture(change(room()))
    assert found.grade == "warn"
    assert found.said.startswith(words)


def machine(tmp_path: Path, **files: str) -> dict[str, tuple[str, str]]:
    for name, text in files.items():
        place = tmp_path / "root" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return {one.part: (one.grade, one.said) for one in examine(tmp_path / "state", tmp_path / "root")}


def test_a_clock_that_nobody_set(tmp_path: Path) -> None:
    folder = "run/systemd/timesync"
    assert machine(tmp_path, **{f"{folder}/other": ""})["clock"][0] == "warn"
    assert machine(tmp_path, **{f"{folder}/synchronized": ""})["clock"] == ("ok", "set by the network")


def test_a_supply_that_is_too_weak_and_a_processor_that_is_too_hot(tmp_path: Path) -> None:
    firmware, zone = "sys/devices/platform/soc/soc:firmware/get_throttled", "sys/class/thermal/thermal_zone0/temp"
    found = machine(tmp_path, **{firmware: "50005", zone: "84200"})
    assert found["supply"][0] == "fail"
    assert "under-voltage, throttled. Use the supply made for this board" in found["supply"][1]
    assert found["temperature"][0] == "warn"
    well = machine(tmp_path, **{firmware: "0", zone: "51000"})
    assert (well["supply"][0], well["temperature"]) == ("ok", ("ok", "51 °C"))


def test_a_machine_with_hardly_any_memory_left(tmp_path: Path) -> None:
    assert machine(tmp_path, **{"proc/meminfo": "MemAvailable:   90000 kB\n"})["memory"][0] == "warn"
    assert machine(tmp_path, **{"proc/meminfo": "MemAvailable:  900000 kB\n"})["memory"][0] == "ok"


def test_what_the_doctor_says_to_the_broker_is_true(ask: Ask, broker: Mosquitto) -> None:
    """No sensor runs, so the room is offline; nothing else is said."""
    with Ear(broker.port, "edge-engage/#", "-u", "ear", "-P", "right") as ear:
        ask("--site", "oak", "--room", "r1", code=0, **account(broker, "right"))
        eventually(lambda: ear.heard, "the doctor spoke")
    assert {(heard.topic, heard.payload) for heard in ear.heard} == {("availability", "offline")}
