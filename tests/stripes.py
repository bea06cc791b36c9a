"""Small pictures for tests of networks: stripes across, stripes down, or none; and the facts of a network for them."""

import msgspec
import numpy as np

from edge.model.card import Facts, Input, Output, Training

SIDE = 16
LABELS = ("across", "down", "flat")


def pictures(count, seed):
    """Stripes across, stripes down, or none, under noise."""
    random = np.random.default_rng(seed)
    y = random.integers(0, 3, count)
    wave = 60 * np.sin(np.arange(SIDE) * 1.5 + random.uniform(0, 6, (count, 1)))
    across, down = np.repeat(wave[:, :, None], SIDE, 2), np.repeat(wave[:, None, :], SIDE, 1)
    x = np.select([y[:, None, None] == 0, y[:, None, None] == 1], [across, down], 0)
    x = 128 + x + random.normal(0, 45, x.shape)
    return np.clip(x, 0, 255).astype(np.uint8), y


def facts(**changes):
    plain = Facts(
        kind="expressions",
        name="stripes",
        input=Input(width=SIDE, height=SIDE, channels=1, normalization="standard"),
        output=Output(labels=LABELS, activation="softmax"),
        training=Training(network="tiny", parameters=1, data="stripes", split="train"),
        licence="Apache-2.0",
        origin="made by a test",
        intended_use="Tells stripes apart.",
    )
    return msgspec.structs.replace(plain, **changes)
