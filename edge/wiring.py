"""From a configuration to the parts of one room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.aggregate.budget import Budget
from edge.aggregate.company import Company
from edge.aggregate.noise import LaplaceNoise
from edge.aggregate.privacy import Gate
from edge.aggregate.record import Aggregate
from edge.camera import is_live, open_source
from edge.camera.capture import Capture, Pace
from edge.camera.source import Image, Source
from edge.config import Config
from edge.errors import Problem
from edge.model import bundle
from edge.model.bundle import Bundle
from edge.model.levels import levels_of
from edge.model.reliability import smallest_judged
from edge.model.runtime import Network
from edge.model.scores import Classifier
from edge.sensor import Sensor, Settings
from edge.service import Synchronized
from edge.stages import Stages
from edge.timeline import Clock
from edge.vision import Vision, make_detector

__all__ = ["build_gate", "build_sensor", "build_vision", "detector_bundle", "engagement_bundle", "judged_from"]


def build_sensor(
    config: Config,
    *,
    next_seq: Callable[[], int],
    publish: Callable[[Aggregate], None],
    vision: Vision,
    stages: Stages,
    state: Path | None = None,
    must_open: bool = True,
    lesson: Callable[[], bool] = lambda: True,
    mend: Callable[[float], None] = lambda _by: None,
    unpaced: bool = False,
    repeat: bool = False,
) -> Sensor:
    """Without `must_open`, a camera that is not there at first is waited for; a file is not. `stages` is where the
    time goes, for those who ask; `state` the folder of what must outlive a restart.
    """
    spec = config.camera.source
    pace: Pace = "live" if is_live(spec) else "unpaced" if unpaced else "paced"

    def open_camera(first: bool) -> Capture:
        return Capture(
            lambda: _Timed(
                open_source(
                    spec,
                    width=config.camera.width,
                    height=config.camera.height,
                    fps=config.camera.fps,
                    ca_file=config.camera.ca_file,
                ),
                stages,
            ),
            pace=pace,
            loop=config.camera.loop or repeat,
            must_open=first and (must_open or pace != "live"),
        )

    model = engagement_bundle(config)
    return Sensor(
        open_camera=open_camera,
        vision=vision,
        classifier=Classifier(model, threads=config.model.threads),
        settings=Settings(
            seconds=config.window.seconds,
            k=config.privacy.k,
            smallest_judged=judged_from(config, model),
            orientation=config.vision.orientation,
            media_time=pace == "unpaced",
        ),
        gate=build_gate(config, state),
        next_seq=next_seq,
        publish=publish,
        stages=stages,
        clock=Clock(good=Synchronized()),
        lesson=lesson,
        mend=mend,
    )


def build_gate(config: Config, state: Path | None, clock: Clock | None = None) -> Gate:
    privacy = config.privacy
    company = Company(privacy.change, 60 * privacy.settle_minutes, state and state / "company")
    noise = None
    if privacy.epsilon is not None:
        budget = Budget(
            lesson=privacy.epsilon_lesson,
            lesson_seconds=60 * privacy.lesson_minutes,
            day=privacy.epsilon_day,
            wall=(clock or Clock()).wall,
            file=state and state / "budget",
        )
        noise = LaplaceNoise(privacy.epsilon, budget)
    return Gate(k=privacy.k, orientation=config.vision.orientation, company=company, noise=noise)


class _Timed:
    """A source whose readings are timed, for health and bench."""

    def __init__(self, source: Source, stages: Stages) -> None:
        self._source = source
        self._stages = stages

    @property
    def fps(self) -> float:
        return self._source.fps

    def read(self) -> Image | None:
        with self._stages.timed("capture"):
            return self._source.read()

    def close(self) -> None:
        self._source.close()


def detector_bundle(config: Config) -> Bundle:
    """The model that finds faces, verified."""
    return bundle.load(
        Path(config.model.detector) if config.model.detector else bundle.shipped("detector"),
        kind="detector",
        public_key=Path(config.model.public_key) if config.model.public_key else None,
    )


def build_vision(config: Config) -> Vision:
    model = detector_bundle(config)
    anchors = model.card.anchors
    if anchors is None:
        raise Problem(f"{model.path}: the card says nothing of how faces are read from the network. Pack it again.")
    detector = make_detector(
        anchors.family,
        Network(model.model, threads=config.model.threads),
        strides=anchors.strides,
        anchors_per_cell=anchors.anchors_per_cell,
        min_score=anchors.min_score if config.vision.min_score is None else config.vision.min_score,
    )
    return Vision(detector, smallest_face=config.vision.smallest_face, budget_ms=config.vision.budget_ms)


def engagement_bundle(config: Config) -> Bundle:
    """The model that judges, verified."""
    model = bundle.load(
        Path(config.model.bundle) if config.model.bundle else bundle.shipped("engagement"),
        kind="engagement",
        public_key=Path(config.model.public_key) if config.model.public_key else None,
    )
    levels_of(model.card.output, str(model.path))  # refuses a card that leaves them to be guessed
    return model


def judged_from(config: Config, model: Bundle) -> int:
    """Height in pixels of the smallest face that is judged: as configured, else as the card measured."""
    chosen = config.vision.smallest_judged
    return smallest_judged(model.card) if chosen is None else chosen
