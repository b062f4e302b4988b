"""Conformal p-values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.calibration.conformal import ConformalCalibration
from ad_detectors.errors import DataError

SCORES = st.lists(st.integers(-5, 5).map(float) | st.floats(-1e300, 1e300), min_size=1, max_size=50)


@settings(deadline=None)
@given(SCORES, SCORES)
def test_p_values_are_the_shares_counted_one_by_one(known, scores) -> None:
    calibration = ConformalCalibration.fit(known)
    count = len(known) + 1
    valid = [(sum(k >= s for k in known) + 1) / count for s in scores]
    smooth = [(sum(k > s for k in known) + (sum(k == s for k in known) + 1) / 2) / count for s in scores]
    np.testing.assert_allclose(calibration.probability(scores), valid, rtol=1e-12)
    np.testing.assert_allclose(calibration.smoothed(scores), smooth, rtol=1e-12)


@pytest.mark.parametrize("level", [0.01, 0.1, 0.5])
def test_p_values_are_valid_with_ties_and_the_smoothed_ones_right_on_average(level) -> None:
    generator = np.random.default_rng(1)
    valid, smooth = [], []
    for _ in range(400):
        draw = generator.poisson(3.0, size=700).astype(float)
        calibration = ConformalCalibration.fit(draw[:500])
        valid.append((calibration.probability(draw[500:]) <= level).mean())
        smooth.append(calibration.smoothed(draw[500:]).mean())
    assert np.mean(valid) <= level * 1.05
    assert abs(np.mean(smooth) - 0.5) < 0.005


def test_arrays_bring_the_calibration_back_and_damaged_ones_are_refused() -> None:
    calibration = ConformalCalibration.fit([3.0, 1.0, 2.0])
    arrays = calibration.to_arrays("calibration")
    again = ConformalCalibration.from_arrays(arrays, "calibration")
    assert again.probability([1.5]).tobytes() == calibration.probability([1.5]).tobytes()
    for wrong in ([np.nan], [2.0, 1.0], []):
        with pytest.raises(DataError, match="damaged"):
            ConformalCalibration.from_arrays({"calibration_scores": np.array(wrong)}, "calibration")


@pytest.mark.parametrize("wrong", [[], [1.0, np.nan], [np.inf]])
def test_scores_that_are_none_or_not_finite_are_refused(wrong) -> None:
    with pytest.raises(DataError, match="finite scores, at least one"):
        ConformalCalibration.fit(wrong)
