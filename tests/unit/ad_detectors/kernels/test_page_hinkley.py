"""The compiled sums against the plain ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.drift.page_hinkley import PageHinkley
from tests.oracles.ad_detectors.page_hinkley import Feature

VALUES = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6), st.just(float("nan")))


def agree(values, **parameters) -> int:
    detector = PageHinkley(**parameters)
    report = detector.update(detector.new_state(1), np.reshape(values, (-1, 1)), np.arange(len(values)))
    chosen = detector.parameters
    feature = Feature(chosen.delta, chosen.threshold, chosen.warm_up)
    plain = [found for value in values if (found := feature.update(float(value)))]
    assert [(drift.row, drift.since_row) for drift in report.findings] == [found[:2] for found in plain]
    numbers = [(d.statistic, d.probability, d.before, d.after) for d in report.findings]
    if plain:
        scale = 1e-9 * np.nanmax(np.abs(values))
        np.testing.assert_allclose(numbers, [found[2:] for found in plain], rtol=1e-6, atol=scale)
    return len(plain)


@pytest.mark.parametrize("warm_up", [30, 100])
def test_update_does_what_the_plain_sums_do(warm_up) -> None:
    generator = np.random.default_rng(warm_up)
    values = generator.normal(5.0, 2.0, size=500)
    values[150:] += 3.0
    values[330:] -= 4.0
    values[generator.random(500) < 0.05] = np.nan
    assert agree(values, warm_up=warm_up, threshold=20.0) >= 2


@settings(max_examples=40, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=60))
def test_update_does_what_the_plain_sums_do_on_any_values(values) -> None:
    agree(values, warm_up=10, threshold=3.0, delta=0.37)
