import pytest

from train.figures.durations import duration


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "under a minute"), (29, "under a minute"), (130, "2 min"), (12_000, "3 h 20 min")]
)
def test_seconds_are_told_as_people_tell_them(seconds, said):
    assert duration(seconds) == said
