"""What a card's measured reliability says of a face of a given size."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from edge.model import bundle
from edge.model.card import Card, Reliability
from edge.model.reliability import errors, smallest_judged


def card(*rows: tuple[int, float], margin: float = 0.25) -> Card:
    """A card that measured these AUCs at these heights; the errors follow the height."""
    held = msgspec.json.decode((bundle.shipped("engagement") / bundle.CARD).read_bytes(), type=Card)
    measured = tuple(Reliability(height=h, auc=auc, spread=8 / h, shared=2 / h) for h, auc in rows)
    wider = msgspec.structs.replace(held.input, margin=margin)
    return msgspec.structs.replace(held, reliability=measured, input=wider)


@pytest.mark.parametrize(
    ("rows", "smallest"),
    [
        # The crop of a 16-pixel box covers 20 pixels.
        (((12, 0.6), (16, 0.79), (20, 0.8), (48, 0.95)), 16),
        # One lucky figure among bad ones does not count.
        (((12, 0.9), (16, 0.7), (20, 0.85), (48, 0.95)), 16),
        (((12, 0.85), (48, 0.95)), 10),
        # Where no height will do, only faces that need no enlarging are judged.
        (((12, 0.5), (48, 0.7)), 38),
        ((), 0),
    ],
)
def test_a_face_is_judged_from_where_low_is_told_from_the_rest_four_times_out_of_five(rows, smallest):
    assert smallest_judged(card(*rows)) == smallest


def test_errors_are_read_between_the_heights_that_were_measured_and_held_beyond_them():
    boxes = np.array([[0, 0, 10, 12.8], [0, 0, 25.6, 20], [0, 0, 5, 6], [0, 0, 200, 240]], np.float32)
    found = errors(card((16, 0.8), (32, 0.9)), boxes)
    # 12.8 pixels make a crop of 16, 25.6 one of 32.
    np.testing.assert_allclose(found, [(0.5, 0.125), (0.25, 0.0625), (0.5, 0.125), (0.25, 0.0625)], rtol=1e-5)
    between = errors(card((16, 0.8), (32, 0.9)), np.array([[0, 0, 18.1, 18.1]], np.float32))
    np.testing.assert_allclose(between, [(0.375, 0.09375)], rtol=1e-3)


def test_an_old_card_is_loaded_and_says_nothing_of_errors():
    old = bundle.load(bundle.shipped("engagement"), kind="engagement").card
    plain = msgspec.structs.replace(old, reliability=())
    assert smallest_judged(plain) == 0
    assert np.isnan(errors(plain, np.zeros((3, 4), np.float32))).all()
