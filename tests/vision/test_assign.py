from itertools import permutations

import numpy as np

from edge.vision.assign import pairs


def cheapest(cost, most):
    """Every assignment tried: the least total, a missing pair costing a little more than the dearest one."""
    if cost.shape[0] > cost.shape[1]:
        cost = cost.T
    capped = np.where(cost <= most, cost, most + 1)
    rows = range(len(capped))
    return min(
        sum(capped[r, c] for r, c in zip(rows, order, strict=True))
        for order in permutations(range(cost.shape[1]), len(capped))
    )


def test_the_assignment_is_the_cheapest_of_all():
    random = np.random.default_rng(1)
    for _ in range(300):
        cost = random.random(random.integers(1, 6, 2))
        most = random.choice([0.5, 2.0])
        made = pairs(cost, most)
        assert len({r for r, _ in made}) == len({c for _, c in made}) == len(made)
        assert all(cost[pair] <= most for pair in made)
        total = sum(cost[pair] for pair in made) + (min(cost.shape) - len(made)) * (most + 1)
        assert np.isclose(total, cheapest(cost, most))


def test_one_greedy_step_does_not_spoil_the_whole():
    assert pairs(np.array([[1.0, 2.0], [1.1, 9.0]]), 10) == [(1, 0), (0, 1)]


def test_forbidden_pairs_are_never_made():
    assert pairs(np.full((3, 2), np.inf), 10) == []
    assert pairs(np.array([[np.inf, 1.0], [np.inf, 2.0]]), 10) == [(0, 1)]


def test_nobody_to_pair():
    assert pairs(np.empty((0, 3)), 1) == []
    assert pairs(np.empty((3, 0)), 1) == []
