"""The one typed configuration: its sections, keys, defaults, limits and what they mean.

Everything else is made from these types: the checks, the messages, the environment names, the
commented example and `config show`. To add a key, add a field.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from edge.config.countries import COUNTRIES
from edge.config.described import FILE_EXPECTED as _FILE_EXPECTED
from edge.config.described import NAME as _NAME
from edge.config.described import NAME_EXPECTED as _NAME_EXPECTED
from edge.config.described import Positive as _Positive
from edge.config.described import Section as _Section
from edge.config.described import Text as _Text
from edge.config.described import described as _is
from edge.config.mqtt import Mqtt
from edge.config.schedule import Schedule

__all__ = ["Camera", "Config", "Dashboard", "Model", "Mqtt", "Privacy", "Service", "Site", "Spool", "Vision", "Window"]


class Site(_Section, frozen=True):
    """Where the sensor is. Names the topics: edge-engage/v1/<site>/<room>/."""

    site: Annotated[_NAME, _is("The school or building.", _NAME_EXPECTED)] = "school"
    room: Annotated[_NAME, _is("The room; unique within the site.", _NAME_EXPECTED)] = "room"
    region: Annotated[
        Annotated[str, Meta(pattern=rf"^({'|'.join(sorted(COUNTRIES))})(-[A-Z0-9]{{1,3}})?\Z")] | None,
        _is(
            "The country. In EU and EEA the sensor refuses to start in education: AI Act, Article 5(1)(f).",
            'an ISO 3166 code in capitals, such as "US", "US-CA" or "DE"',
            "US",
        ),
    ] = None
    purpose: Annotated[
        Literal["education", "medical", "safety"],
        _is("What it is used for. Article 5(1)(f) excepts medical and safety reasons."),
    ] = "education"


class Camera(_Section, frozen=True):
    """Where frames come from."""

    source: Annotated[
        _Text,
        _is(
            'A camera ("0", "/dev/video0", "picamera2"), a video file, a folder of images, or an rtsp:// address.',
            'text: a camera ("0", "/dev/video0", "picamera2"), a file, a folder or an rtsp:// address',
        ),
    ] = "0"
    ca_file: Annotated[
        _Text | None,
        _is(
            "The certificates an rtsps:// camera must be known by. Without it, the system's.",
            _FILE_EXPECTED,
            "/etc/edge-engage/camera.crt",
        ),
    ] = None
    width: Annotated[int, Meta(ge=1, le=8192), _is("Frame width asked of a camera, in pixels.")] = 1280
    height: Annotated[int, Meta(ge=1, le=8192), _is("Frame height asked of a camera, in pixels.")] = 720
    fps: Annotated[float, Meta(gt=0, le=240), _is("Frames a second asked of a camera.")] = 15.0
    loop: Annotated[bool, _is("Play a file or folder again and again.")] = False


class Vision(_Section, frozen=True):
    """How faces are found."""

    smallest_face: Annotated[
        int, Meta(ge=8, le=1000), _is("Height of the smallest face to look for, in pixels; smaller costs more time.")
    ] = 16
    smallest_judged: Annotated[
        Annotated[int, Meta(ge=0, le=1000)] | None,
        _is(
            "Height of the smallest face to judge, in pixels; smaller ones are only counted. Without it, the height "
            "from which the model's card says that it tells low from the rest (0 where the card says nothing).",
            example=20,
        ),
    ] = None
    budget_ms: Annotated[
        _Positive | None, _is("Milliseconds a frame may cost to search. Without it, measured at start.", example=25.0)
    ] = None
    min_score: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        _is("How sure the detector must be, 0 to 1. Without it, as the detector's card says.", example=0.5),
    ] = None
    orientation: Annotated[bool, _is("Publish the shares of faces turned to the front, down and away, too.")] = False


class Model(_Section, frozen=True):
    """What scores the faces."""

    bundle: Annotated[
        _Text | None,
        _is(
            "The model bundle, a folder. Without it, the one that ships.",
            "the path of a folder",
            "/etc/edge-engage/bundle",
        ),
    ] = None
    detector: Annotated[
        _Text | None,
        _is(
            "The face detector's bundle, a folder. Without it, the one that ships.",
            "the path of a folder",
            "/etc/edge-engage/detector",
        ),
    ] = None
    threads: Annotated[int, Meta(ge=1, le=64), _is("Processor threads for each network.")] = 1
    public_key: Annotated[
        _Text | None,
        _is(
            "Ed25519 public key (PEM). With it, a bundle must be signed by its owner, or have come with the program.",
            _FILE_EXPECTED,
            "/etc/edge-engage/bundle.pub",
        ),
    ] = None


class Window(_Section, frozen=True):
    """The time one record speaks of."""

    seconds: Annotated[int, Meta(ge=1, le=3600), _is("Length of a window.")] = 10


class Privacy(_Section, frozen=True):
    """What may leave the room."""

    k: Annotated[
        int, Meta(ge=2, le=1000), _is("Windows with fewer faces than this are sent as suppressed, without figures.")
    ] = 5
    change: Annotated[
        int,
        Meta(ge=1, le=1000),
        _is(
            "Of two windows whose judged faces differ by fewer than this, one is suppressed, lest the difference tell "
            "of one person. 1 tells both."
        ),
    ] = 1
    settle_minutes: Annotated[
        float, Meta(gt=0, le=1440), _is("After so long without figures a class that changed is told of again.")
    ] = 5.0
    epsilon: Annotated[
        _Positive | None,
        _is(
            "Noise, by OpenDP: the privacy loss of one window. Without it, no noise. Orientation is then not told.",
            example=0.5,
        ),
    ] = None
    epsilon_lesson: Annotated[
        float, Meta(gt=0), _is("With noise: the loss within lesson_minutes; when it is spent, windows are suppressed.")
    ] = 4.0
    lesson_minutes: Annotated[float, Meta(gt=0, le=1440), _is("With noise: how long a lesson is.")] = 45.0
    epsilon_day: Annotated[
        float, Meta(gt=0), _is("With noise: the loss within 24 hours; when it is spent, windows are suppressed.")
    ] = 20.0


class Spool(_Section, frozen=True):
    """What waits on disk for the broker: records that it has not acknowledged."""

    most_mib: Annotated[
        int, Meta(ge=1, le=65536), _is("Its size in MiB; beyond it the oldest records are dropped, and counted.")
    ] = 64
    most_days: Annotated[int, Meta(ge=1, le=3650), _is("Days after which a record is dropped, and counted.")] = 14
    catch_up: Annotated[
        int, Meta(ge=1, le=1000), _is("How many old records a second follow after an outage, beside the new ones.")
    ] = 20


class Service(_Section, frozen=True):
    """The program as a service."""

    state_dir: Annotated[
        _Text | None,
        _is(
            "Where the sensor keeps what must outlive it. Without it, $STATE_DIRECTORY or ~/.local/state/edge-engage.",
            "the path of a folder",
            "/var/lib/edge-engage",
        ),
    ] = None
    health_seconds: Annotated[int, Meta(ge=1, le=3600), _is("How often health is published.")] = 60


class Dashboard(_Section, frozen=True):
    """The page a teacher looks at."""

    port: Annotated[int, Meta(ge=1, le=65535), _is("The page is at http://127.0.0.1:<port>.")] = 8080
    signing_key: Annotated[
        _Text | None,
        _is(
            "Ed25519 private key (PEM) by which the page signs pause and resume, for sensors with mqtt.command_key.",
            _FILE_EXPECTED,
            "/etc/edge-engage/command.pem",
        ),
    ] = None


class Config(_Section, frozen=True):
    site: Site = Site()
    camera: Camera = Camera()
    vision: Vision = Vision()
    model: Model = Model()
    window: Window = Window()
    schedule: Schedule = Schedule()
    privacy: Privacy = Privacy()
    mqtt: Mqtt = Mqtt()
    spool: Spool = Spool()
    service: Service = Service()
    dashboard: Dashboard = Dashboard()

    def keys(self) -> dict[str, Any]:
        """Every key with its value: {"site.site": "school", ...}."""
        return {
            f"{section}.{name}": getattr(getattr(self, section), name)
            for section in self.__struct_fields__
            for name in getattr(self, section).__struct_fields__
        }
