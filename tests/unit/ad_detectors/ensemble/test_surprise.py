"""Tail probabilities become comparable scores."""

import numpy as np

from ad_detectors.calibration.tail import TailCalibration
from ad_detectors.ensemble.surprise import mean_probability, surprise


def test_one_in_ten_to_the_n_has_the_surprise_n() -> None:
    np.testing.assert_allclose(surprise(10.0 ** -np.arange(16.0)), np.arange(16.0), rtol=1e-12)
    assert not np.signbit(surprise(np.ones(1)))[0]


def test_the_mean_does_not_depend_on_the_units_of_the_scores() -> None:
    scores = np.random.default_rng(1).exponential(size=500)
    calibrations = tuple(TailCalibration.fit(unit * scores) for unit in (1.0, 1000.0))
    both = mean_probability(calibrations, (scores, 1000.0 * scores))
    np.testing.assert_allclose(both, calibrations[0].probability(scores), rtol=1e-9)
