"""What the detectors of time series share."""

import numpy as np
import pytest

from ad_detectors.series.forecast_residual import ForecastResidual
from ad_detectors.series.matrix_profile import MatrixProfile


def wave(points: int) -> np.ndarray:
    noise = 0.05 * np.random.default_rng(2).normal(size=(points, 2))
    return np.sin(np.arange(points)[:, None] / np.array([5.0, 9.0])) * 10.0 + noise


def test_bounds_hold_the_share_of_training_points_that_they_promise() -> None:
    series = wave(2000)
    why = ForecastResidual().fit(series).explain(series)
    within = ((why.lower <= series) & (series <= why.upper)).mean(axis=0)
    assert within == pytest.approx([0.99, 0.99], abs=0.002)


def test_smoothing_spreads_a_score_over_its_points_and_keeps_the_sum() -> None:
    series = wave(900)
    spiked = series[600:].copy()
    spiked[100] += 50.0
    sharp, smooth = (ForecastResidual(smoothing=n).fit(series[:600]).score(spiked) for n in (1, 11))
    assert sharp.argmax() == 100
    assert smooth[94] < 0.2 * smooth[95]
    assert smooth[90:120].sum() == pytest.approx(sharp[90:120].sum(), rel=0.05)


def test_a_point_outside_of_its_bounds_scores_above_one_within() -> None:
    series = wave(900)
    detector = ForecastResidual(smoothing=1).fit(series[:600])
    test = series[600:].copy()
    test[200, 1] += 5.0
    why = detector.explain(test)
    assert test[200, 1] > why.upper[200, 1]
    assert detector.score(test)[200] > 5 * np.median(detector.score(test))


@pytest.mark.parametrize("kind", [ForecastResidual, MatrixProfile])
def test_one_in_100_normal_points_has_a_probability_of_one_in_100(kind) -> None:
    training, test = (np.random.default_rng(seed).normal(size=(6000, 2)) for seed in (1, 2))
    detector = kind().fit(training)
    share = (detector.probability(detector.score(test)) < 0.01).mean()
    assert 0.005 < share < 0.02
