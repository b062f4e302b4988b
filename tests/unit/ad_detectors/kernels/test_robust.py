"""The compiled update against the plain one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.robust import median, median_deviation, spread_of
from ad_detectors.streaming.robust_zscore import RobustZScore
from tests.oracles.ad_detectors import robust as plain
from tests.support.streaming_twins import agree, both, story

VALUES = st.lists(st.one_of(st.integers(-3, 3).map(float), st.floats(-1e9, 1e9)), min_size=1, max_size=30)


@pytest.mark.parametrize(("width", "window"), [(1, 8), (1, 51), (3, 64)])
def test_update_does_what_the_plain_detector_does(width, window) -> None:
    agree(*both(RobustZScore(window=window, history=256), plain.Entity, story(width)))


@settings(deadline=None)
@given(VALUES)
def test_median_and_median_deviation_are_those_of_all_values(values) -> None:
    ordered, size = np.sort(values), len(values)
    middle = median(ordered, size)
    assert middle == pytest.approx(np.median(values), rel=1e-12, abs=1e-12)
    assert median_deviation(ordered, size, middle) == plain.median_deviation(values, middle)
    assert spread_of(ordered, size, middle) == pytest.approx(plain.spread(values, middle), rel=1e-9)
