"""A long step says how far it is; a short one says nothing."""

from itertools import chain

from convert.quantizing.watch import telling, unwatched


def walked(items, *, seconds, every=10):
    """What is said of items that take so many seconds each."""
    clock, said = chain([0], range(0, 10_000, seconds)), []
    watch = telling(said.append, every=every, clock=lambda: next(clock))
    assert list(watch(items, "calibrating")) == items
    return said


def test_the_time_left_is_that_of_the_items_left():
    said = walked(list(range(100)), seconds=60, every=600)
    assert said[0] == "calibrating: 10 of 100, 1 h 30 min left"
    assert said[-1] == "calibrating: 90 of 100, 10 min left"
    assert len(said) == 9


def test_a_quick_step_is_not_spoken_of():
    assert walked(list(range(9)), seconds=1) == []
    assert list(unwatched([1, 2], "calibrating")) == [1, 2]
