"""The compiled window and test against the plain ones, and against SciPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstwo

from ad_detectors.drift.kswin import KSWIN
from ad_detectors.kernels.kswin import ks_distance, ks_probability, ks_threshold
from tests.oracles.ad_detectors.kswin import Window, distance, size, tail

SAMPLE = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=30)


@pytest.mark.parametrize("every", [1, 7])
def test_update_does_what_the_plain_window_does(every) -> None:
    generator = np.random.default_rng(every)
    values = generator.normal(size=600).round(1)
    values[250:] += 4.0
    values[450:] *= 9.0
    values[generator.random(600) < 0.05] = np.nan
    detector = KSWIN(older=40, recent=20, every=every, alpha=0.05)
    report = detector.update(detector.new_state(1), values.reshape(-1, 1), np.arange(600))
    trials = 60 / every
    window = Window(40, 20, every, 0.05 / trials, trials)
    plain = [found for value in values if (found := window.update(float(value)))]
    assert len(plain) >= 2
    assert [(drift.row, drift.since_row) for drift in report.findings] == [found[:2] for found in plain]
    numbers = [(d.statistic, d.probability, d.before, d.after) for d in report.findings]
    np.testing.assert_allclose(numbers, [found[2:] for found in plain], rtol=1e-9, atol=1e-12)


@settings(max_examples=100, deadline=None)
@given(SAMPLE, SAMPLE)
def test_the_distance_is_that_of_the_distribution_functions(first, second) -> None:
    found = ks_distance(np.sort(first), np.sort(second))
    np.testing.assert_allclose(found, distance(first, second), atol=1e-12)


@pytest.mark.parametrize("far", [0.01, 0.1, 0.25, 0.5, 1.0])
def test_the_probability_is_that_of_the_series_and_near_the_exact_one(far) -> None:
    found = ks_probability(far, 200, 100)
    np.testing.assert_allclose(found, tail(far * size(200, 100)), rtol=1e-9)
    if far <= 0.25:
        np.testing.assert_allclose(found, kstwo.sf(far, round(200 * 100 / 300)), rtol=0.2)


@pytest.mark.parametrize("level", [0.1, 0.01, 1e-4, 1e-12])
def test_the_threshold_is_the_distance_of_that_probability(level) -> None:
    np.testing.assert_allclose(ks_probability(ks_threshold(level, 200, 100), 200, 100), level, rtol=1e-3)
