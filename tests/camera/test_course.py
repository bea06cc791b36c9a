"""The phases a source goes through, without a thread and by a clock of the test's own."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.camera.course import Course, Phase
from edge.errors import Problem

FIRST, LONGEST, PATIENCE, OPENING = 0.5, 8.0, 10.0, 20.0
BROKEN = Problem("It broke.")


def course(*, live=True):
    return Course(live=live, patience=PATIENCE, opening=OPENING, back_off=(FIRST, LONGEST), now=0.0)


def lost_after(seconds, camera, now):
    """The camera opens, gives pictures for so long and breaks; how long it is left in peace, and when it broke."""
    camera.opened(camera.turn, now)
    if seconds is not None:
        camera.gave(camera.turn, now)
        camera.gave(camera.turn, now + seconds)
    broke = now + (seconds or 0)
    camera.ended(camera.turn, BROKEN, broke)
    return camera.rest(broke), broke


def pauses(camera, *lives):
    """The pauses after openings after which the camera gave pictures for so many seconds; None: it gave none."""
    now, found = 0.0, []
    for seconds in lives:
        pause, broke = lost_after(seconds, camera, now)
        found.append(pause)
        now = broke + pause
        assert camera.attempt(now)
    return found


def test_pauses_grow_while_a_camera_does_not_come_back():
    assert pauses(course(), *[None] * 7) == pytest.approx([0.5, 1, 2, 4, 8, 8, 8])


def test_the_pause_is_short_again_after_a_camera_worked():
    assert pauses(course(), None, None, None, 60.0, None) == pytest.approx([0.5, 1, 2, 0.5, 1])


def test_a_picture_or_two_at_each_opening_is_no_recovery():
    assert pauses(course(), *[0.1] * 6) == pytest.approx([0.5, 1, 2, 4, 8, 8])


def test_a_camera_says_why_it_was_lost_until_it_gives_pictures_again():
    camera = course()
    assert camera.state == "waiting"
    camera.opened(1, 0.0)
    assert camera.state == "waiting"
    camera.gave(1, 1.0)
    assert camera.state == "ok"
    camera.ended(1, BROKEN, 2.0)
    assert camera.state == "lost: It broke."
    assert camera.attempt(2.5)
    camera.opened(2, 2.5)
    assert camera.state == "lost: It broke."
    camera.gave(2, 3.0)
    assert camera.state == "ok"


def test_a_camera_has_no_end():
    camera = course()
    camera.gave(1, 0.0)
    camera.ended(1, None, 1.0)
    assert camera.state == "lost: The camera stopped giving pictures. It is opened again."


def test_a_silent_camera_is_lost_when_patience_is_at_its_end():
    camera = course()
    assert camera.rest(0.0) == OPENING
    camera.overdue(OPENING - 0.1)
    assert camera.phase is Phase.OPENING
    camera.overdue(OPENING)
    assert camera.state == "lost: The camera did not answer for 20 s. It is opened again."
    assert camera.attempt(OPENING + FIRST)
    camera.opened(2, 25.0)
    camera.overdue(25.0 + PATIENCE)
    assert camera.state == "lost: The camera gave no picture for 10 s. It is opened again."


def test_a_hung_reader_that_wakes_up_late_changes_nothing():
    camera = course()
    camera.overdue(OPENING)
    camera.gave(1, OPENING + 1)
    assert camera.phase is Phase.LOST
    assert camera.attempt(OPENING + 1)
    camera.ended(1, BROKEN, OPENING + 1)
    assert camera.phase is Phase.OPENING


def test_a_file_ends_and_says_what_it_held_back():
    whole, cut, absent = (course(live=False) for _ in range(3))
    for file in (whole, cut):
        file.opened(1, 0.0)
        file.gave(1, 0.0)
        file.overdue(1e6)
    whole.ended(1, None, 1.0)
    cut.ended(1, BROKEN, 1.0)
    absent.ended(1, BROKEN, 1.0)
    assert (whole.phase, whole.problem) == (Phase.ENDED, None)
    assert (cut.phase, cut.problem) == (Phase.ENDED, BROKEN)
    assert (absent.phase, absent.why) == (Phase.LOST, BROKEN)


class AnyCourse(RuleBasedStateMachine):
    """Readers, a supervisor and a user, in any order, late ones among them."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self.live = True
        self.course = course()
        self.turns = {self.course.turn}
        self.lost_at = None
        self.worked = False
        """Whether a picture came since the last opening."""
        self.over = None

    @rule(seconds=st.sampled_from((0.01, 0.3, 1.0, 5.0, 30.0)))
    def time_passes(self, seconds):
        self.now += seconds

    @rule(age=st.integers(0, 3))
    def a_reader_opens_it(self, age):
        self.course.opened(self.course.turn - age, self.now)

    @rule(age=st.integers(0, 3))
    def a_reader_gives_a_picture(self, age):
        wanted = self.course.wanted(self.course.turn - age)
        assert not wanted or age == 0
        self.course.gave(self.course.turn - age, self.now)
        self.worked = self.worked or wanted

    @rule(age=st.integers(0, 3), problem=st.sampled_from((None, BROKEN)))
    def a_reader_ends(self, age, problem):
        self._may_lose(lambda: self.course.ended(self.course.turn - age, problem, self.now))

    @rule()
    def the_supervisor_looks(self):
        self._may_lose(lambda: self.course.overdue(self.now))
        before, phase = self.course.turn, self.course.phase
        if self.course.attempt(self.now):
            assert phase is Phase.LOST
            assert self.now - self.lost_at >= FIRST
            assert self.course.turn == before + 1
            assert self.course.turn not in self.turns, "no two readers have the same turn"
            self.turns.add(self.course.turn)
            self.worked = False
        else:
            assert self.course.turn == before
            rest = self.course.rest(self.now)
            assert rest is None or 0 < rest <= max(LONGEST, OPENING), "a supervisor that waits so long is not idle"

    @precondition(lambda self: self.over is None)
    @rule()
    def somebody_closes_it(self):
        self.course.close()
        self.over = self.course.phase

    def _may_lose(self, act):
        before = self.course.phase
        act()
        if self.course.phase is Phase.LOST and before is not Phase.LOST:
            self.lost_at = self.now

    @invariant()
    def what_is_over_stays_over(self):
        assert self.over is None or self.course.phase is self.over
        assert self.over is None or not self.course.wanted(self.course.turn)

    @invariant()
    def ok_means_pictures_and_lost_means_a_reason(self):
        assert (self.course.phase is Phase.FLOWING) == (self.course.state == "ok")
        if self.course.phase is Phase.FLOWING:
            assert self.worked
        if self.course.phase is Phase.LOST:
            assert self.course.why is not None
            assert self.course.rest(self.lost_at) <= LONGEST

    @invariant()
    def a_camera_has_no_end(self):
        assert self.course.phase is not Phase.ENDED


TestAnyCourse = AnyCourse.TestCase
TestAnyCourse.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
