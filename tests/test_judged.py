"""Faces too small to be judged are counted, and how sure a figure is follows from those that are judged."""

from __future__ import annotations

from room import MID, Room, shots

from edge.aggregate.record import Measured
from edge.model.card import Reliability


def test_faces_too_small_to_be_judged_are_counted_and_the_model_is_not_asked_about_them() -> None:
    room = Room(shots(0, 10.25, faces=6, far=4, height=20), smallest_judged=20)
    (record,) = room.play(10.2)
    assert isinstance(record, Measured)
    assert (record.faces, record.judged) == (10, 6)
    assert room.model.asked % 6 == 0
    everybody = Room(shots(0, 10.25, faces=6, far=4))
    (record,) = everybody.play(10.2)
    assert isinstance(record, Measured)
    assert (record.faces, record.judged) == (10, 10)


def test_a_class_of_which_fewer_than_k_can_be_judged_is_not_told() -> None:
    (record,) = Room(shots(0, 10.25, faces=4, far=20), smallest_judged=12).play(10.2)
    assert record.status == "suppressed"


def test_how_reliable_the_model_is_at_their_size_decides_how_sure_the_figure_is() -> None:
    def width(height: int) -> float:
        room = Room(shots(0, 10.25, faces=8, level=MID, height=height))
        room.model.card.reliability = (
            Reliability(height=12, auc=0.8, spread=0.4, shared=0.2),
            Reliability(height=48, auc=0.95, spread=0.2, shared=0.05),
        )
        (record,) = room.play(10.2)
        assert isinstance(record, Measured)
        assert record.engaged_low is not None
        assert record.engaged_high is not None
        assert record.engaged_low < record.engaged < record.engaged_high
        return record.engaged_high - record.engaged_low

    assert width(48) < width(24) < width(12)
