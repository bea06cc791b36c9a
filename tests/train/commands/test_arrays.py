"""`train arrays`: faces for `convert`, near or as a far seat shows them."""

import numpy as np
from layouts import wacv2016

from train.cli import main


def test_a_share_of_the_faces_is_as_seen_from_far_away(tmp_path):
    data = str(wacv2016(tmp_path / "data", subjects=4, each=10))
    for name, more in (("near", []), ("far", ["--far", "0.5"]), ("again", ["--far", "0.5"])):
        assert main(["arrays", data, "-o", str(tmp_path / f"{name}.npz"), *more]) == 0
    near, far, again = (np.load(tmp_path / f"{name}.npz")["x"] for name in ("near", "far", "again"))
    assert near.shape == far.shape
    assert 0.3 < (near != far).any(axis=(1, 2)).mean() < 0.7
    np.testing.assert_array_equal(far, again)
