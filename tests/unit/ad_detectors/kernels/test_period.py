"""The period of a series."""

import numpy as np
import pytest

from ad_detectors.kernels.period import find_period
from tests.oracles.ad_detectors import period as plain

PLACES = np.arange(256)


def noise(seed=0):
    return np.random.default_rng(seed).normal(size=256)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("length", [64, 128, 256])
def test_the_period_is_that_of_the_plain_correlation(seed, length) -> None:
    generator = np.random.default_rng(seed)
    period = generator.integers(3, 60)
    series = np.sin(2 * np.pi * PLACES / period) + generator.uniform(0, 1.5) * noise(seed)
    assert find_period(series[:length].copy()) == plain.find_period(series[:length])


@pytest.mark.parametrize("period", [4, 7, 24, 48, 96])
def test_a_profile_that_repeats_has_its_length_as_period(period) -> None:
    profile = np.random.default_rng(period).normal(size=period)
    assert find_period(profile[PLACES % period] + 0.1 * noise()) == period


def test_noise_a_trend_and_a_constant_have_none() -> None:
    assert find_period(noise()) == 0
    assert find_period(np.arange(256.0)) == 0
    assert find_period(np.full(256, 0.1)) == 0
    assert find_period(np.zeros(2)) == 0
