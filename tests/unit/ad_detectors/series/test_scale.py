"""Channels in one unit."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ad_detectors.errors import DataError
from ad_detectors.series.scale import ChannelScale

VALUES = st.floats(-1e30, 1e30)


def test_training_values_become_0_to_1() -> None:
    series = np.array([[-5.0, 100.0], [5.0, 300.0], [0.0, 150.0]])
    assert ChannelScale.fit(series).apply(series).tolist() == [[0.0, 0.0], [1.0, 1.0], [0.5, 0.25]]


def test_channels_that_share_the_range_0_to_1_are_left_as_they_are() -> None:
    series = np.array([[0.01, 0.2], [0.02, 0.9]])
    assert ChannelScale.fit(series).apply(series).tolist() == series.tolist()


def test_small_values_are_not_taken_for_a_shared_range() -> None:
    series = np.array([[0.001], [0.002]])
    assert ChannelScale.fit(series).apply(series).tolist() == [[0.0], [1.0]]


def test_excess_counts_by_its_logarithm_on_both_sides() -> None:
    scale = ChannelScale.fit(np.array([[10.0], [20.0]]))
    far = scale.apply(np.array([[20.0 + 10.0 * np.e], [10.0 - 10.0 * np.e], [1e30]]))
    assert far[:2].ravel() == pytest.approx([1 + np.log(1 + np.e), -np.log(1 + np.e)])
    assert far[2, 0] < 100.0


def test_a_constant_channel_is_measured_in_its_level() -> None:
    scale = ChannelScale.fit(np.array([[0.0, 1000.0], [0.0, 1000.0]]))
    assert scale.apply(np.array([[1.0, 1500.0]])).tolist() == [[1.0, 0.5]]


@given(st.lists(VALUES, min_size=2, max_size=6), VALUES)
@example([0.0, 1e-34], 1.0)
@example([0.0, 1e-90], 1e30)
@example([5.45045298502465e29, 5.45045298502465e29], -9.09910312905383e29)
def test_back_is_the_way_back(training, value) -> None:
    scale = ChannelScale.fit(np.array(training).reshape(-1, 1))
    there = scale.back(scale.apply(np.array([[value]])))[0, 0]
    # As exact as the numbers near the training values and near the value are.
    assert there == pytest.approx(value, rel=1e-6, abs=1e-6 * max(*map(abs, training), 1e-90))


@given(st.lists(VALUES, min_size=2, max_size=6), VALUES, VALUES)
def test_a_higher_value_is_never_lower_in_the_common_unit(training, one, other) -> None:
    scale = ChannelScale.fit(np.array(training).reshape(-1, 1))
    low, high = scale.apply(np.array([[min(one, other)], [max(one, other)]])).ravel()
    assert low <= high


def test_a_damaged_scale_is_refused() -> None:
    arrays = {"channel_low": np.zeros(2), "channel_unit": np.array([1.0, 0.0])}
    with pytest.raises(DataError, match="every unit must be above 0"):
        ChannelScale.from_arrays(arrays, 2)
