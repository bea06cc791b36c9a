from train.figures.draws import Estimate
from train.figures.seeds import mean


def test_the_mean_over_seeds_keeps_the_mean_interval():
    assert mean([Estimate(0.5, 0.4, 0.8), Estimate(0.7, 0.6, 0.8)]) == Estimate(0.6, 0.5, 0.8)
