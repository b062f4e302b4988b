"""The robust z-score, on streams that tell a story."""

import numpy as np

from ad_detectors.streaming.robust_zscore import RobustZScore
from tests.support.streaming_twins import run

NOISE = np.random.default_rng(1).normal(size=2000)


def test_a_burst_does_not_move_the_level() -> None:
    values = NOISE.copy()
    values[1500:1540] = 100.0
    result = run(RobustZScore(), values)
    assert result.anomaly[1500]
    assert abs(result.expected[1540, 0]) < 1.0


def test_a_new_level_is_taken_over_when_it_fills_half_of_the_window() -> None:
    values = NOISE + np.where(np.arange(2000) < 1000, 0.0, 50.0)
    result = run(RobustZScore(window=100), values)
    assert abs(result.expected[1045, 0]) < 2.0
    assert abs(result.expected[1055, 0] - 50.0) < 3.0


def test_a_value_that_seldom_changes_is_no_reason_for_an_alert_each_time() -> None:
    values = np.where(np.arange(3000) % 40 == 0, 7.0, 5.0)
    result = run(RobustZScore(), values)
    assert not result.anomaly[200:].any()
