"""`edge-engage demo`: a drawn classroom, the real sensor, a broker and the page, all on this machine.

The sensor is the program people run (`edge-engage run`), in a process of its own; the page knows it
only through the broker.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from edge.errors import Problem

__all__ = ["run"]

CLIP = Path(__file__).with_name("classroom.mp4")
_SITE, _ROOM = "school", "sample-room"
_WINDOW = 5  # seconds; shorter than usual, so that there is something to see soon


def run(*, port: int = 8080) -> int:
    """Serve the demo until interrupted."""
    from edge.dashboard.app import check_port, show
    from edge.publish import parse

    check_port(port)
    try:
        from edge.demo.broker import Broker
    except ImportError:
        raise Problem("The demo's parts are not installed. Run: pip install 'edge-engage[dashboard]'") from None
    # Stopping the service must end the sensor, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), Broker() as broker, _sensor(broker.url):
        print(
            "edge-engage demo: a drawn classroom of 15 seats, seen by the real detector and the model that ships.\n"
            f"  The page:    http://127.0.0.1:{port}\n"
            f"  The broker:  {broker.url}, topics edge-engage/v1/{_SITE}/{_ROOM}/...\n"
            f"               mosquitto_sub -p {broker.port} -v -t 'edge-engage/#'\n"
            f"  A record every {_WINDOW} seconds. Ctrl-C ends it.",
            flush=True,
        )
        show(parse(broker.url), site=_SITE, room=_ROOM, port=port)
    print("The demo has ended.")
    return 0


@contextmanager
def _sensor(broker: str) -> Generator[None]:
    """The sensor on the clip, again and again. If it ends by itself, so does the demo."""
    with tempfile.TemporaryDirectory(prefix="edge-engage-demo-") as folder:
        settings = {
            "CAMERA_LOOP": "true",
            "WINDOW_SECONDS": str(_WINDOW),
            "SERVICE_STATE_DIR": folder,
            "SERVICE_HEALTH_SECONDS": "10",
        }
        # What this machine is configured to do otherwise is none of the demo's business.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("EDGE_ENGAGE_")}
        environment |= {f"EDGE_ENGAGE_{name}": value for name, value in settings.items()}
        command = [sys.executable, "-m", "edge.cli", "run", "--source", str(CLIP), "--mqtt", broker]
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, "--site", _SITE, "--room", _ROOM],
            env=environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us; the sensor is stopped when the page is closed
        )
        stopping = threading.Event()
        threading.Thread(target=_end_with, args=(process, stopping), daemon=True).start()
        try:
            yield
        finally:
            stopping.set()
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            # Raised here, it replaces the interrupt that told us of the end.
            if process.returncode > 0:
                raise Problem(f"The demo's sensor ended with an error ({process.returncode}); it said why, above.")


def _end_with(process: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    process.wait()
    if not stopping.is_set():
        os.kill(os.getpid(), signal.SIGINT)
