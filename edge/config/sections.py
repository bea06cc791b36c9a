"""The one typed configuration: its sections, keys, defaults, limits and what they mean.

Everything else is made from these types: the checks, the messages, the environment names, the
commented example and `config show`. To add a key, add a field.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from edge.config.countries import COUNTRIES
from edge.masking import masked

__all__ = ["Camera", "Config", "Dashboard", "Model", "Mqtt", "Privacy", "Service", "Site", "Spool", "Vision", "Window"]


def _is(what: str, expected: str = "", example: object = None) -> Meta:
    """A key's description, what a person should have written, and an example where there is no default."""
    extra = {key: value for key, value in (("expected", expected), ("example", example)) if value}
    return Meta(description=what, extra=extra or None)


_NAME = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")]
_NAME_EXPECTED = "a name of up to 64 letters, digits, - and _ (it becomes a part of the topic)"
_Positive = Annotated[float, Meta(gt=0)]
_Text = Annotated[str, Meta(min_length=1)]
_FILE_EXPECTED = "the path of a file"


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    def __repr__(self) -> str:
        """For messages and tracebacks; never holds a password."""
        values = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return f"{type(self).__name__}({', '.join(f'{name}={masked(repr(value))}' for name, value in values)})"


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


class Mqtt(_Section, frozen=True):
    """The broker. The password is no key: see docs/configuration.md."""

    url: Annotated[
        Annotated[str, Meta(pattern=r"^mqtts?://([^/\s]+@)?(\[[0-9A-Fa-f:.]+\]|[^\s/@:\[\]]+)(:[0-9]{1,5})?/?\Z")]
        | None,
        _is(
            "The broker's address; mqtts:// is encrypted. Without it, records are printed.",
            'an address such as "mqtt://broker.example:1883" or "mqtts://broker.example:8883"',
            "mqtts://broker.example:8883",
        ),
    ] = None
    username: Annotated[_Text | None, _is("The account on the broker.", example="school/room-12")] = None
    password_file: Annotated[
        _Text | None, _is("A file that holds the password.", _FILE_EXPECTED, "/etc/edge-engage/mqtt-password")
    ] = None
    ca_file: Annotated[
        _Text | None,
        _is(
            "The authority that signed the broker's certificate (PEM). Without it, the system's authorities.",
            _FILE_EXPECTED,
            "/etc/edge-engage/ca.crt",
        ),
    ] = None
    certificate: Annotated[
        _Text | None,
        _is(
            "The sensor's own certificate (PEM), for brokers that ask for one.",
            _FILE_EXPECTED,
            "/etc/edge-engage/room.crt",
        ),
    ] = None
    key: Annotated[
        _Text | None, _is("The key of that certificate (PEM).", _FILE_EXPECTED, "/etc/edge-engage/room.key")
    ] = None
    crl_file: Annotated[
        _Text | None,
        _is(
            "The authority's list of revoked certificates (PEM). With it, a revoked broker is refused.",
            _FILE_EXPECTED,
            "/etc/edge-engage/ca.crl",
        ),
    ] = None
    insecure: Annotated[
        bool, _is("Take any certificate of any broker, for a try; health warns of it while it is set.")
    ] = False
    command_key: Annotated[
        _Text | None,
        _is(
            "Ed25519 public key (PEM). With it, pause and resume must be signed by its owner: see docs/security.md.",
            _FILE_EXPECTED,
            "/etc/edge-engage/command.pub.pem",
        ),
    ] = None
    client_id: Annotated[
        _NAME | None,
        _is("The name shown to the broker. Without it, made of site and room.", _NAME_EXPECTED, "edge-engage-room-12"),
    ] = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("mqtt.certificate and mqtt.key belong together. Give both or neither.")
        if self.username and self.url and "@" in self.url:
            raise ValueError("the account is named twice, in mqtt.username and in mqtt.url. Take it out of mqtt.url.")
        if self.url and self.url.startswith("mqtt:") and (self.ca_file or self.crl_file or self.certificate):
            raise ValueError(
                "mqtt.url is mqtt://, which is not encrypted and makes no use of mqtt.ca_file, mqtt.crl_file, "
                "mqtt.certificate and mqtt.key. Write mqtts:// in mqtt.url, or take them out."
            )
        if self.insecure and (self.ca_file or self.crl_file):
            raise ValueError(
                "mqtt.insecure takes any certificate and makes no use of mqtt.ca_file and mqtt.crl_file. "
                "Take mqtt.insecure out, or them."
            )


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
