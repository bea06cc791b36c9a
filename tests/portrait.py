"""Real pixels that are nobody's data: cuts of many sizes from a public-domain portrait that matplotlib carries."""

from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np

from edge.vision.crop import crop_faces


def portrait():
    return cv2.imread(str(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"))


def cuts(count=64, seed=0):
    whole = portrait()
    random = np.random.default_rng(seed)
    sides = random.uniform(60, 300, count)
    corners = random.uniform(0, 1, (count, 2)) * (np.array(whole.shape[1::-1]) - sides[:, None])
    return crop_faces(whole, np.column_stack([corners, sides, sides]).astype(np.float32))
