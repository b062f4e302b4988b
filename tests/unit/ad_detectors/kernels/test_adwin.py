"""The compiled window against the plain one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.drift.adwin import ADWIN
from tests.oracles.ad_detectors.adwin import Window

VALUES = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e9, 1e9), st.just(float("nan")))


def agree(values, delta=0.002, every=32, buckets=5, value_range=0.0) -> int:
    detector = ADWIN(delta=delta, every=every, buckets=buckets, value_range=value_range)
    rows = np.reshape(values, (-1, 1))
    report = detector.update(detector.new_state(1), rows, np.arange(len(rows)))
    window = Window(delta, every, buckets, value_range)
    plain = [found for value in values if (found := window.update(float(value)))]
    assert [(drift.row, drift.since_row) for drift in report.findings] == [found[:2] for found in plain]
    for drift, found in zip(report.findings, plain, strict=True):
        scale = 1e-9 * np.nanmax(np.abs(values))
        numbers = [drift.statistic, drift.threshold, drift.before, drift.after]
        np.testing.assert_allclose(numbers, [found[i] for i in (2, 3, 5, 6)], rtol=1e-9, atol=scale)
        np.testing.assert_allclose(drift.probability, found[4], rtol=1e-2)
    return len(plain)


@pytest.mark.parametrize("buckets", [2, 5])
@pytest.mark.parametrize("value_range", [0.0, 1.0])
def test_update_does_what_the_plain_window_does(buckets, value_range) -> None:
    generator = np.random.default_rng(buckets)
    values = generator.uniform(size=700)
    values[300:] += 0.4
    values[500:] -= 0.7
    values[generator.random(700) < 0.05] = np.nan
    assert agree(values, buckets=buckets, value_range=value_range) >= 2


@settings(max_examples=40, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=60), st.integers(1, 8))
def test_update_does_what_the_plain_window_does_on_any_values(values, every) -> None:
    agree(values, delta=0.3, every=every, buckets=3)


def test_a_small_change_at_a_high_level_is_not_lost_in_rounding() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    values[500:] += 2.0
    assert agree(values + 2.0**40) >= 1
