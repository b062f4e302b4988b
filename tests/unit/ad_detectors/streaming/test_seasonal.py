"""The seasonal detector, on streams that tell a story."""

import numpy as np
import pytest

from ad_detectors.streaming.seasonal import Seasonal
from tests.support.streaming_twins import run

HOUR_MS = 3_600_000
HOURS = np.arange(24 * 42)
NOISE = np.random.default_rng(0).normal(size=len(HOURS))


def daily(hours):
    return 20.0 * ((hours % 24 >= 8) & (hours % 24 < 18))


def test_a_usual_value_at_an_unusual_hour_is_an_alert() -> None:
    values = daily(HOURS) + NOISE
    night = 24 * 40 + 3
    values[night] = 20.0
    result = run(Seasonal(), values, HOURS * HOUR_MS)
    assert result.anomaly[night]
    assert abs(result.expected[night, 0]) < 3.0
    assert result.anomaly[24 * 7 :].sum() <= 12


def test_weekends_are_learnt_when_they_differ() -> None:
    values = daily(HOURS) * (HOURS // 24 % 7 < 5) + NOISE
    result = run(Seasonal(), values, HOURS * HOUR_MS)
    noon = HOURS % 24 == 12
    last = HOURS >= 24 * 35
    weekend = HOURS // 24 % 7 >= 5
    assert (abs(result.expected[last & noon & weekend, 0]) < 5.0).all()
    assert (abs(result.expected[last & noon & ~weekend, 0] - 20.0) < 5.0).all()


@pytest.mark.parametrize("period", [7, 30, 96])
def test_a_period_is_found_without_any_time(period) -> None:
    places = np.arange(1500)
    profile = 10.0 * np.random.default_rng(period).normal(size=period)
    values = profile[places % period] + np.random.default_rng(0).normal(size=1500)
    result = run(Seasonal(), values, places * 0)
    missed = abs(result.expected[:, 0] - profile[places % period])
    assert missed[1000:].mean() < 1.0 < missed[100:200].mean()


def test_a_missing_value_does_not_shift_the_period() -> None:
    places = np.arange(1500)
    values = 10.0 * np.sin(2 * np.pi * places / 20) + np.random.default_rng(0).normal(size=1500)
    values[1000:1007] = np.nan
    result = run(Seasonal(), values, places * 0)
    assert abs(result.expected[1007:1100, 0] - values[1007:1100]).mean() < 2.0
    assert not result.anomaly[1007:1020].any()


def test_a_shift_of_the_whole_stream_leaves_the_profile() -> None:
    values = daily(HOURS) + NOISE + np.where(HOURS >= 24 * 30, 100.0, 0.0)
    result = run(Seasonal(half_life=10), values, HOURS * HOUR_MS)
    later = slice(24 * 36, None)
    assert abs(result.expected[later, 0] - 100.0 - daily(HOURS)[later]).mean() < 2.0


def test_without_a_season_the_level_is_expected() -> None:
    result = run(Seasonal(), NOISE + 5.0, HOURS * HOUR_MS)
    assert abs(result.expected[24 * 7 :, 0] - 5.0).max() < 1.5
