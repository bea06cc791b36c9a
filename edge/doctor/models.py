"""The two networks: whole, signed if asked, able to run, and on which machine's part."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from edge.config import Config
from edge.doctor.finding import Finding, failed
from edge.errors import Problem
from edge.model.scores import Classifier
from edge.wiring import build_vision, engagement_bundle, judged_from

__all__ = ["examine"]


def examine(config: Config) -> Iterator[Finding]:
    yield _tried("detector", lambda: _detector(config))
    yield _tried("model", lambda: _classifier(config))


def _tried(part: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Problem as problem:
        return failed(part, problem)


def _detector(config: Config) -> Finding:
    build_vision(config)
    return Finding("detector", "ok", f"{config.model.detector or 'the one that ships'}, whole and able to run")


def _classifier(config: Config) -> Finding:
    model = engagement_bundle(config)
    classifier = Classifier(model, threads=config.model.threads)
    said = f"{model.id} on {classifier.runtime}; faces are judged from {judged_from(config, model)} pixels"
    if classifier.note:
        return Finding("model", "warn", f"{said}. {classifier.note}.")
    return Finding("model", "ok", said)
