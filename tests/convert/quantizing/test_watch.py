"""A long step says how far it is; a short one says nothing."""

from convert.quantizing.watch import telling, unwatched


def walked(items, *, seconds, every=10):
    """What is said of items that take so many seconds each."""
    clock, said = iter(range(0, 10_000, seconds)), []
    watch = telling(said.append, every=every, clock=lambda: next(clock))
    assert list(watch(items, "calibrating")) == items
    return said


def test_the_time_left_is_that_of_the_items_left():
    said = walked(list(range(100)), seconds=60, every=600)
    assert said[0] == "calibrating: 9 of 100, 1 h 31 min left" or said[0].startswith("calibrating: 10 of 100")
    assert len(said) == 9


def test_a_quick_step_is_not_spoken_of():
    assert walked(list(range(9)), seconds=1) == []
    assert list(unwatched([1, 2], "calibrating")) == [1, 2]
