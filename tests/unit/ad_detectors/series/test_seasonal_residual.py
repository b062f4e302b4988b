"""What trend and season do not explain."""

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.series.seasonal_residual import SeasonalResidual


def days(count: int, seed: int = 0) -> np.ndarray:
    """A day of 48 points with a high noon."""
    day = np.exp(-((np.arange(48) - 24.0) ** 2) / 30.0)
    return (np.tile(day, count) + 0.02 * np.random.default_rng(seed).normal(size=48 * count))[:, None] * 100.0


@pytest.mark.parametrize("period", [0, 48])
def test_a_noon_at_night_stands_out_though_its_value_is_ordinary(period) -> None:
    test = days(10, seed=1)
    test[240:244] = 100.0
    scores = SeasonalResidual(period=period).fit(days(20)).score(test)
    assert abs(int(scores.argmax()) - 242) <= 6


def test_a_series_may_start_at_any_hour() -> None:
    detector, test = SeasonalResidual().fit(days(20)), days(10, seed=1)
    assert np.median(detector.score(test[13:])) < 1.2 * np.median(detector.score(test))


def test_a_higher_level_is_forgiven_after_a_season() -> None:
    test = days(12, seed=1) + np.where(np.arange(48 * 12) < 288, 0.0, 40.0)[:, None]
    scores = SeasonalResidual().fit(days(20)).score(test)
    assert scores[280:296].max() > 3 * scores[400:].max()


def test_the_expected_value_of_a_missing_noon_is_the_noon() -> None:
    test = days(10, seed=1)
    test[264] = 0.0
    why = SeasonalResidual().fit(days(20)).explain(test)
    assert why.expected[264, 0] == pytest.approx(100.0, rel=0.1)


def test_a_damaged_artifact_is_refused() -> None:
    arrays = SeasonalResidual().fit(days(3)).to_arrays()
    with pytest.raises(DataError, match="season arrays are damaged"):
        SeasonalResidual.from_arrays({}, ["f0"], {**arrays, "shape": np.zeros((0, 1))})
