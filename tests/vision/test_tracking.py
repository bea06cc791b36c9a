import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.flow import Faces
from edge.vision.tracking import Tracker


def seen(*boxes, score=0.9):
    boxes = np.array(boxes, np.float32).reshape(-1, 4)
    return Faces(
        boxes, np.full(len(boxes), score, np.float32), np.zeros((len(boxes), 6, 2), np.float32), np.full(len(boxes), -1)
    )


def follow(tracker, frames, *, start=0.0, every=0.1, sought=True):
    """Give the tracker one set of faces after another; the faces it then says are there, frame by frame."""
    present = []
    for number, faces in enumerate(frames):
        now = start + number * every
        tracker.update(faces, now, list(tracker.tracks) if sought else [])
        present.append(tracker.present(now))
    return present


def test_a_seat_keeps_its_number():
    random = np.random.default_rng(0)
    seats = [(100 + 80 * i, 100 + 40 * (i % 3), 30, 36) for i in range(12)]
    frames = [seen(*(np.array(seats) + random.normal(0, 1.5, (12, 4)))) for _ in range(100)]
    present = follow(Tracker(0.5), frames)
    assert all(len(faces) == 12 for faces in present)
    assert {tuple(faces.tracks) for faces in present} == {tuple(range(12))}


def test_two_who_pass_each_other_keep_their_numbers():
    def at(i):
        return seen((100 + 10 * i, 100, 40, 40), (500 - 10 * i, 130, 40, 40))

    present = follow(Tracker(0.5), [at(i) for i in range(40)])
    ends = dict(zip(present[-1].tracks.tolist(), present[-1].boxes[:, 0].tolist(), strict=True))
    starts = dict(zip(present[0].tracks.tolist(), present[0].boxes[:, 0].tolist(), strict=True))
    assert set(ends) == set(starts)
    for number, start in starts.items():
        assert (ends[number] > 300) == (start < 300), "each went on in its own direction"


def test_a_hidden_face_is_not_there_but_waited_for():
    frames = [seen((100, 100, 40, 40))] * 10 + [seen()] * 15 + [seen((103, 101, 40, 40))] * 5
    present = follow(Tracker(0.5), frames)
    assert len(present[9]) == 1
    assert [len(faces) for faces in present[12:25]] == [0] * 13
    assert present[-1].tracks.tolist() == present[0].tracks.tolist()


def test_a_face_gone_for_long_is_a_new_one():
    frames = [seen((100, 100, 40, 40))] * 10 + [seen()] * 110 + [seen((100, 100, 40, 40))] * 5
    present = follow(Tracker(0.5), frames)
    assert present[-1].tracks.tolist() != present[0].tracks.tolist()


def test_one_miss_is_a_blink_of_the_detector():
    frames = ([seen((100, 100, 40, 40))] * 4 + [seen()]) * 10
    assert all(len(faces) == 1 for faces in follow(Tracker(0.5), frames))


def test_who_was_not_looked_at_has_not_gone():
    tracker = Tracker(0.5)
    follow(tracker, [seen((100, 100, 40, 40))] * 3)
    present = follow(tracker, [seen()] * 10, start=0.3, sought=False)
    assert all(len(faces) == 1 for faces in present)


def test_a_flicker_never_becomes_a_face():
    frames = [seen((100, 100, 40, 40), score=0.4) if i % 7 == 0 else seen() for i in range(100)]
    assert all(len(faces) == 0 for faces in follow(Tracker(0.5), frames))


def test_what_is_found_only_now_and_then_is_no_face_however_sure():
    frames = [seen((100, 100, 40, 40), score=0.7) if i % 2 == 0 else seen() for i in range(100)]
    assert all(len(faces) == 0 for faces in follow(Tracker(0.5), frames))


def test_a_likely_face_becomes_one_by_being_seen_again():
    counts = [len(faces) for faces in follow(Tracker(0.5), [seen((100, 100, 40, 40), score=0.65)] * 5)]
    assert counts == [0, 0, 1, 1, 1]


def test_what_is_no_likelier_than_not_on_the_mean_is_no_face():
    """Something printed: sure at first glance, then as often doubtful as likely."""
    frames = [seen((100, 100, 40, 40), score=score) for score in [0.9, *([0.3, 0.6] * 20)]]
    present = follow(Tracker(0.5), frames)
    assert len(present[0]) == 1
    assert not any(len(faces) for faces in present[10:])


def test_a_faint_sign_does_not_bring_a_hidden_face_back():
    frames = [seen((100, 100, 40, 40))] * 10 + [seen()] * 5 + [seen((100, 100, 40, 40), score=0.3)] * 5
    present = follow(Tracker(0.5), [*frames, seen((100, 100, 40, 40))])
    assert [len(faces) for faces in present[12:20]] == [0] * 8
    assert present[-1].tracks.tolist() == present[0].tracks.tolist()


def test_whoever_moves_or_was_just_missed_is_looked_for_first():
    tracker = Tracker(0.5)
    places = [(100, 100), (300, 100), (500, 100)]
    follow(tracker, [seen(*((x + 3 * i * (x == 300), y, 40, 40) for x, y in places)) for i in range(10)])
    (first, *_), waiting = tracker.longest_waiting(1.0, 2)
    assert first.number == 1
    assert waiting > 1.0 - 0.9
    follow(tracker, [seen(*((x, y, 40, 40) for x, y in places[1:]))], start=1.0)
    (first, *_), waiting = tracker.longest_waiting(1.1, 2)
    assert first.number == 0
    assert waiting == float("inf")


def test_a_face_that_fades_for_long_is_none():
    frames = [seen((100, 100, 40, 40))] * 3 + [seen((100, 100, 40, 40), score=0.15)] * 30
    present = follow(Tracker(0.5), frames)
    assert len(present[4]) == 1
    assert len(present[-1]) == 0


def test_a_second_box_on_a_known_face_is_no_second_face():
    frames = [seen((100, 100, 40, 40))] * 3 + [seen((100, 100, 40, 40), (105, 110, 20, 20))] * 5
    assert all(len(faces) == 1 for faces in follow(Tracker(0.5), frames))


def test_a_face_first_seen_in_pieces_is_one_face_when_seen_whole():
    pieces = seen((120, 120, 40, 30), (120, 160, 40, 30))
    present = follow(Tracker(0.5), [pieces] * 3 + [seen((100, 100, 100, 120))] * 5)
    assert len(present[-1]) == 1
    assert present[-1].boxes[0, 2] > 90


def test_no_number_outlives_the_lesson():
    tracker = Tracker(0.5)
    before = follow(tracker, [seen((100, 100, 40, 40))] * 3)[-1].tracks
    tracker.forget()
    assert len(tracker.present(0.3)) == 0
    after = follow(tracker, [seen((100, 100, 40, 40))] * 3, start=0.3)[-1].tracks
    assert not set(before.tolist()) & set(after.tolist())


def test_tracks_do_not_pile_up():
    """Faces at random places, for minutes: what is kept is what was seen of late."""
    random = np.random.default_rng(0)
    tracker = Tracker(0.5)
    for number in range(600):
        boxes = np.concatenate([random.uniform(0, 1000, (5, 2)), random.uniform(15, 80, (5, 2))], axis=1)
        follow(tracker, [seen(*boxes)], start=number * 0.2)
        assert len(tracker.tracks) <= 5 * 10.0 / 0.2 + 5


LIVES = st.lists(
    st.tuples(
        st.sampled_from((0.05, 0.2, 1.0, 4.0, 11.0)),  # seconds since the last look
        st.lists(
            st.tuples(st.integers(0, 9), st.sampled_from((0.2, 0.35, 0.6, 0.95))), max_size=6, unique_by=lambda x: x[0]
        ),
        st.booleans(),  # whether known faces were looked for
        st.sampled_from((False, False, False, True)),  # whether all was forgotten before
    ),
    max_size=30,
)


@settings(max_examples=100, deadline=None)
@given(LIVES)
def test_no_number_is_used_twice_and_none_is_kept_for_long(lives):
    """Whatever is found, missed and forgotten in whatever order."""
    tracker, now, over = Tracker(0.5), 0.0, set()
    for seconds, places, sought, forget in lives:
        now += seconds
        before = {track.number for track in tracker.tracks}
        if forget:
            tracker.forget()
        found = seen(*((100 + 60 * place, 100, 40, 40) for place, _ in places))
        found.scores[:] = [score for _, score in places]
        tracker.update(found, now, list(tracker.tracks) if sought else [])
        numbers = [track.number for track in tracker.tracks]
        assert len(set(numbers)) == len(numbers)
        assert not over & set(numbers), "who is gone does not come back"
        over |= before - set(numbers)
        if forget:
            assert not before & set(numbers)
        assert all(now - track.seen <= (10.0 if track.confirmed else 1.0) for track in tracker.tracks)
        present = tracker.present(now).tracks.tolist()
        assert set(present) <= {t.number for t in tracker.tracks if t.confirmed and t.misses < 2}
        assert not tracker.present(now, set(numbers)).tracks.size
    tracker.update(seen(), now + 10.1)
    assert not tracker.tracks


def test_a_hidden_face_counts_for_nobody_even_while_another_is_looked_for():
    tracker = Tracker(0.5)
    follow(tracker, [seen((100, 100, 40, 40), (300, 100, 40, 40))] * 10)
    present = follow(tracker, [seen((300, 100, 40, 40))] * 20, start=1.0)
    assert [len(faces) for faces in present[2:]] == [1] * 18
    assert len(tracker.tracks) == 2, "its seat is kept"
