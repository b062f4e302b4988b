"""The season of a series."""

import numpy as np
import pytest

from ad_detectors.series.season import best_start, find_period, profile, trend


def course(points: int, period: int, seed: int = 0) -> np.ndarray:
    noise = 0.3 * np.random.default_rng(seed).normal(size=points)
    return (np.sin(np.arange(points) * 2 * np.pi / period) + noise)[:, None]


@pytest.mark.parametrize("period", [7, 24, 60, 144])
def test_a_period_is_found_in_noise(period) -> None:
    assert abs(find_period(course(period * 12, period)) - period) <= max(1, period // 50)


def test_noise_and_walks_and_constants_have_no_period() -> None:
    noise = np.random.default_rng(1).normal(size=(900, 2))
    for series in (noise, np.cumsum(noise, axis=0), np.ones((50, 1)), np.ones((2, 1))):
        assert find_period(series) == 0


@pytest.mark.parametrize("points", [1, 4, 5, 40])
def test_the_trend_is_the_mean_of_the_points_around(points) -> None:
    series = np.random.default_rng(2).normal(size=(12, 2))
    expected = [series[max(at - points // 2, 0) : at - points // 2 + points].mean(axis=0) for at in range(12)]
    np.testing.assert_allclose(trend(series, points), expected, rtol=1e-9)


def test_the_profile_is_the_median_at_each_place_and_shrugs_off_an_outlier() -> None:
    series = np.tile([1.0, 2.0, 3.0], 5)[:, None]
    series[4] = 99.0
    assert profile(series, 3).ravel().tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("points", [3, 11, 25, 100])
@pytest.mark.parametrize("seed", range(10))
def test_the_start_is_where_the_squares_are_least(points, seed) -> None:
    generator = np.random.default_rng(seed)
    shape, series = generator.normal(size=(11, 2)), generator.normal(size=(points, 2))
    errors = [((series - shape[(start + np.arange(points)) % 11]) ** 2).sum() for start in range(11)]
    assert best_start(series, shape) == int(np.argmin(errors))
