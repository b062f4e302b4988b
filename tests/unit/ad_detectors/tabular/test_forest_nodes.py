"""The flat layout of trees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_detectors.errors import DataError
from ad_detectors.tabular.forest_nodes import ForestNodes, ordered_keys, round_down
from ad_detectors.tabular.isolation_forest import IsolationForest


@given(st.floats(-1e30, 1e30), st.floats(-(2.0**100), 2.0**100, width=32))
def test_rounding_a_threshold_down_changes_no_comparison(threshold, value) -> None:
    rounded = round_down(np.array([threshold]))[0]
    assert (np.float64(value) <= threshold) == (np.float32(value) <= rounded)


@pytest.fixture
def nodes() -> ForestNodes:
    return IsolationForest(trees=3, sample=16).fit(np.random.default_rng(0).normal(size=(50, 2)))._nodes


def test_children_lie_side_by_side_after_their_parent(nodes) -> None:
    own = np.arange(len(nodes.left))
    inner = nodes.left != own
    assert (nodes.left[inner] > own[inner]).all()
    assert sorted([*nodes.left[inner], *(nodes.left[inner] + 1), *nodes.roots]) == own.tolist()


@pytest.mark.parametrize("name", ["left", "feature", "roots", "depths", "length", "threshold"])
def test_arrays_that_lead_outside_are_refused(nodes, name) -> None:
    nodes.check(2)
    getattr(nodes, name)[...] = np.nan if name == "length" else -7
    with pytest.raises(DataError, match="damaged"):
        nodes.check(2)


@pytest.mark.parametrize("length", [-1e10, 1e308, np.inf])
def test_lengths_that_would_overflow_in_a_score_are_refused(nodes, length) -> None:
    nodes.length[-1] = length
    with pytest.raises(DataError, match="length"):
        nodes.check(2)


@given(st.floats(-(2.0**100), 2.0**100, width=32), st.floats(-(2.0**100), 2.0**100, width=32))
def test_keys_compare_as_their_values_do(first, second) -> None:
    keys = ordered_keys(np.array([first, second], np.float32))
    assert (keys[0] < keys[1]) == (first < second)
    assert (keys[0] == keys[1]) == (first == second)
    assert keys.max() < 0x7FFFFFFF


def test_a_path_of_an_isolation_forest_is_not_shorter_than_0() -> None:
    detector = IsolationForest(trees=3, sample=16).fit(np.random.default_rng(0).normal(size=(50, 2)))
    arrays = detector.to_arrays()
    arrays["node_length"] = arrays["node_length"] - 100.0
    with pytest.raises(DataError, match="node_length"):
        IsolationForest.from_arrays({}, ["a", "b"], arrays)
