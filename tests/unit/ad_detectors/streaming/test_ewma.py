"""The exponentially weighted z-score, on streams that tell a story."""

import numpy as np

from ad_detectors.streaming.ewma import EWMA
from tests.support.streaming_twins import run

NOISE = np.random.default_rng(1).normal(size=2000)


def test_a_spike_hides_nothing_after_it() -> None:
    values = NOISE.copy()
    values[1500], values[1600] = 200.0, 9.0
    result = run(EWMA(), values)
    assert result.anomaly[1500]
    assert result.score[1600] > 2
    assert abs(result.expected[1501, 0]) < 0.5


def test_a_drift_is_followed_in_silence() -> None:
    result = run(EWMA(half_life=30), NOISE + np.linspace(0, 40, 2000))
    assert result.anomaly.sum() <= 20
    assert abs(result.expected[-1, 0] - 40.0) < 3.0


def test_the_half_life_says_how_fast() -> None:
    values = NOISE + np.where(np.arange(2000) < 1000, 0.0, 2.0)
    fast, slow = (run(EWMA(half_life=half_life), values).expected[1020, 0] for half_life in (10, 500))
    assert fast > 1.0 > slow
