"""The sample clip and its truth belong together and keep what they promise."""

import json
from pathlib import Path

import cv2

import edge.demo

CLIP = Path(edge.demo.CLIP)
TRUTH = json.loads(Path(__file__).with_name("classroom.json").read_text())
FRAMES = [{row[0]: row[1:] for row in frame["faces"]} for frame in TRUTH["frames"]]
SEATS = set().union(*FRAMES)


def test_the_clip_is_as_its_truth_says():
    video = cv2.VideoCapture(str(CLIP))
    assert video.get(cv2.CAP_PROP_FPS) == TRUTH["fps"]
    frames = 0
    while video.grab():
        frames += 1
    assert frames == len(FRAMES) == 20 * TRUTH["fps"]
    assert CLIP.stat().st_size < 3_000_000


def test_a_dozen_seats_at_three_distances():
    assert len(SEATS) >= 12
    heights = {seat: next(frame[seat][3] for frame in FRAMES if seat in frame) for seat in SEATS}
    rows = [sum(low <= height < high for height in heights.values()) for low, high in ((20, 35), (45, 65), (85, 125))]
    assert min(rows) >= 4
    assert sum(rows) == len(SEATS)


def test_pupils_move_turn_away_leave_and_come_back():
    for seat in SEATS:
        places = {tuple(frame[seat]) for frame in FRAMES if seat in frame}
        assert len(places) > 5, f"seat {seat} sits still"
    missing = {seat: sum(seat not in frame for frame in FRAMES) for seat in SEATS}
    assert sum(count > 3 * TRUTH["fps"] for count in missing.values()) >= 5
    # Everybody who is away at some time is there before and after.
    assert all(seat in FRAMES[0] and seat in FRAMES[-1] for seat in SEATS)
