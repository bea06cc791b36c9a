"""The command line: edge-engage run, demo, bench, dashboard, watch, doctor, keys, sign, config."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from edge.errors import Problem
from edge.masking import masked_text, write_masked

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    flags = _parser().parse_args(arguments)
    write_masked("edge-engage: %(message)s")
    logging.getLogger("paho").setLevel(logging.ERROR)
    try:
        return flags.act(flags)
    except Problem as problem:
        print(masked_text(f"edge-engage: {problem}"), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="edge-engage", description="Tells a class, never a child, how engaged it is.", allow_abbrev=False
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="watch a room and publish one record a window", allow_abbrev=False)
    _add_settings(run)
    _add_source(run)
    run.add_argument("--unpaced", action="store_true", help="read a file as fast as possible, not at its own speed")
    run.add_argument("--windows", type=_positive, metavar="N", help="stop after N windows; a shorter file is repeated")
    run.add_argument("--json", action="store_true", help="print each published record as a line of JSON")
    run.set_defaults(act=_run)

    demo = commands.add_parser("demo", help="a sample classroom, a broker and the page, on this machine")
    demo.add_argument("--port", type=_positive, default=8080, help="the page's port (8080)")
    demo.set_defaults(act=_demo)

    bench = commands.add_parser("bench", help="measure speed and memory, or how many faces are found")
    _add_settings(bench)
    _add_source(bench)
    bench.add_argument("--seconds", type=_positive, default=20, help="how long to measure (20)")
    bench.add_argument("--faces", type=Path, metavar="DIR", help="recall and precision on labelled pictures")
    bench.add_argument("--iou", type=float, default=0.4, help="overlap that counts as found, with --faces (0.4)")
    bench.add_argument("--picture", type=Path, metavar="PNG", help="draw the result, with --faces")
    bench.add_argument("--json", action="store_true", help="print JSON")
    bench.set_defaults(act=_bench)

    dashboard = commands.add_parser("dashboard", help="the page a teacher looks at", allow_abbrev=False)
    _add_settings(dashboard)
    dashboard.add_argument("--port", type=_positive, help="the page's port (8080)")
    dashboard.add_argument("--every-room", action="store_true", help="show all rooms the broker tells of")
    dashboard.set_defaults(act=_dashboard)

    watch = commands.add_parser("watch", help="the same in a terminal", allow_abbrev=False)
    _add_settings(watch)
    watch.add_argument("--every-room", action="store_true", help="a line for every room the broker tells of")
    watch.set_defaults(act=_watch)

    doctor = commands.add_parser("doctor", help="say what would keep a sensor from working here", allow_abbrev=False)
    _add_settings(doctor)
    _add_source(doctor)
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.set_defaults(act=_doctor)

    privacy = commands.add_parser("privacy", help="the data-protection sheet of a configuration", allow_abbrev=False)
    _add_settings(privacy)
    privacy.add_argument("--json", action="store_true", help="print JSON, not Markdown")
    privacy.set_defaults(act=_privacy)

    keys = commands.add_parser("keys", help="make a pair of keys that sign commands or bundles")
    keys.add_argument("-o", "--output", type=Path, default=Path("command.pem"), metavar="FILE")
    keys.set_defaults(act=_keys)

    sign = commands.add_parser("sign", help="print a signed command, to be published on the room's command topic")
    sign.add_argument("command", choices=("pause", "resume"))
    sign.add_argument("--key", type=Path, required=True, metavar="FILE", help="the private key, from edge-engage keys")
    sign.add_argument("--site", required=True)
    sign.add_argument("--room", required=True)
    sign.set_defaults(act=_sign)

    _add_config(commands.add_parser("config", help="check, show and explain the configuration"))
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration (TOML)")
    parser.add_argument("--mqtt", metavar="URL", help="the broker: mqtt://host:1883 or mqtts://host:8883")
    parser.add_argument("--site", help="the school, part of the topic")
    parser.add_argument("--room", help="the room, part of the topic")


def _add_source(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--camera", metavar="0|/dev/videoN|picamera2", help="a camera (0)")
    source.add_argument("--source", metavar="FILE|DIR|rtsp://…", help="a video file, a folder of pictures, a stream")


def _add_config(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="read a file as the sensor would, and say what is wrong")
    check.add_argument("file", type=Path)
    check.set_defaults(act=_config_check)
    show = commands.add_parser("show", help="what is in force, secrets masked", allow_abbrev=False)
    _add_settings(show)
    _add_source(show)
    show.set_defaults(act=_config_show)
    example = commands.add_parser("example", help="a commented configuration with every key")
    example.set_defaults(act=_config_example)
    schema = commands.add_parser("schema", help="the JSON Schema of what is published")
    schema.add_argument("--record", action="store_true", required=True, help="of the record, contract v1")
    schema.set_defaults(act=_config_schema)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("expected 1 or more")
    return value


def _overrides(flags: argparse.Namespace) -> dict[str, object]:
    return {
        "camera.source": getattr(flags, "camera", None) or getattr(flags, "source", None),
        "mqtt.url": flags.mqtt,
        "site.site": flags.site,
        "site.room": flags.room,
    }


def _run(flags: argparse.Namespace) -> int:
    from edge.config import load
    from edge.run import run

    config = load(flags.config, os.environ, _overrides(flags))
    # What a person names on the command line must be there; what the configuration names may come later.
    named = flags.camera is not None or flags.source is not None
    return run(config, must_open=named, unpaced=flags.unpaced, windows=flags.windows, as_json=flags.json)


def _demo(flags: argparse.Namespace) -> int:
    from edge.demo import run

    return run(port=flags.port)


def _bench(flags: argparse.Namespace) -> int:
    from edge.config import load

    config = load(flags.config, os.environ, _overrides(flags))
    if flags.faces:
        from edge.bench.faces import measure_faces

        return measure_faces(config, flags.faces, iou=flags.iou, as_json=flags.json, picture=flags.picture)
    from edge.bench.stages import measure_stages

    return measure_stages(config, seconds=flags.seconds, as_json=flags.json)


def _dashboard(flags: argparse.Namespace) -> int:
    from edge.config import load
    from edge.dashboard import serve

    config = load(flags.config, os.environ, {**_overrides(flags), "dashboard.port": flags.port})
    return serve(config, every_room=flags.every_room)


def _watch(flags: argparse.Namespace) -> int:
    from edge.config import load
    from edge.watch import watch

    return watch(load(flags.config, os.environ, _overrides(flags)), every_room=flags.every_room)


def _doctor(flags: argparse.Namespace) -> int:
    from edge.doctor import doctor

    return doctor(flags.config, os.environ, _overrides(flags), as_json=flags.json)


def _privacy(flags: argparse.Namespace) -> int:
    import msgspec

    from edge.config import load
    from edge.sheet import markdown, sheet_of

    sheet = sheet_of(load(flags.config, os.environ, _overrides(flags)), os.environ)
    print(msgspec.json.format(msgspec.json.encode(sheet), indent=2).decode() if flags.json else markdown(sheet))
    return 0


def _keys(flags: argparse.Namespace) -> int:
    from edge.keys import make_keys

    public = make_keys(flags.output)
    print(f"Wrote {flags.output} (keep it secret) and {public} (copy it to the devices).")
    return 0


def _sign(flags: argparse.Namespace) -> int:
    from edge.keys import private_key
    from edge.publish import Topics, signed

    print(signed(Topics(flags.site, flags.room).command, flags.command, private_key(flags.key)).decode())
    return 0


def _config_check(flags: argparse.Namespace) -> int:
    from edge.config import check
    from edge.doctor.files import check_files

    check_files(check(flags.file))
    print(f"{flags.file} is fine.")
    return 0


def _config_show(flags: argparse.Namespace) -> int:
    from edge.config import load, show

    print(show(load(flags.config, os.environ, _overrides(flags)), os.environ), end="")
    return 0


def _config_example(_flags: argparse.Namespace) -> int:
    from edge.config import example

    print(example(), end="")
    return 0


def _config_schema(_flags: argparse.Namespace) -> int:
    from edge.aggregate.record import schema

    print(json.dumps(schema(), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
