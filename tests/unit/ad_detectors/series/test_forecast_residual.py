"""Changes that were not announced."""

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.series.forecast_residual import MOST_INPUTS, ForecastResidual


def pair(points: int, seed: int = 0) -> np.ndarray:
    """The second channel follows the first one, a point later."""
    walk = np.cumsum(np.random.default_rng(seed).normal(size=points + 1)) * 0.1
    return np.column_stack([walk[1:], walk[:-1]])


def test_a_channel_that_follows_another_is_foreseen_from_it() -> None:
    series = pair(1000)
    why = ForecastResidual().fit(series[:700]).explain(series[700:])
    followed = np.abs(why.expected - series[700:])[1:].mean(axis=0)
    assert followed[1] < 0.5 * followed[0]


def test_breaking_what_follows_scores_though_each_value_is_ordinary() -> None:
    series = pair(1000)
    test = series[700:].copy()
    test[150, 1] = test[150, 0] + 0.5
    scores = ForecastResidual(smoothing=1).fit(series[:700]).score(test)
    assert int(scores.argmax()) in {150, 151}


def test_a_new_level_counts_at_its_start_only() -> None:
    noise = np.random.default_rng(3).normal(size=(900, 1))
    level = np.where(np.arange(900) < 700, 0.0, 30.0)[:, None]
    scores = (
        ForecastResidual(smoothing=1)
        .fit(np.cumsum(noise[:500], axis=0))
        .score((np.cumsum(noise, axis=0) + level)[500:])
    )
    assert int(scores.argmax()) == 200
    assert scores[230:].max() < 0.5 * scores[200]


def test_residuals_count_in_units_of_the_usual_error_of_their_channel() -> None:
    series = np.random.default_rng(6).random((400, 2)) * np.array([1.0, 0.01])
    detector = ForecastResidual(smoothing=1).fit(series)
    away = series - detector.explain(series).expected
    error = np.sqrt((away**2).mean(axis=0)) + 0.001
    np.testing.assert_allclose(detector.score(series), np.sqrt(((away / error) ** 2).sum(axis=1)), rtol=1e-6)


def test_many_channels_have_fewer_lags() -> None:
    series = np.random.default_rng(4).normal(size=(60, MOST_INPUTS // 2))
    assert ForecastResidual(lags=5).fit(series).to_arrays()["weights"].shape[0] == 2


def test_a_damaged_artifact_is_refused() -> None:
    arrays = ForecastResidual().fit(pair(50)).to_arrays()
    for broken in ({"error": np.zeros(2)}, {"weights": np.full((5, 2, 2), np.inf)}):
        with pytest.raises(DataError, match="damaged"):
            ForecastResidual.from_arrays({}, ["f0", "f1"], {**arrays, **broken})
