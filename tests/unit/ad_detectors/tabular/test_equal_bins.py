"""Bins between the smallest and the largest value."""

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.tabular.equal_bins import check_bins, equal_bins, halves_of


def test_bins_are_those_of_numpy() -> None:
    column = np.random.default_rng(1).exponential(size=500)
    edges, counts = equal_bins(column, 7, 0)
    expected, bounds = np.histogram(column, 7)
    assert np.array_equal(counts, expected)
    assert np.array_equal(edges, bounds)


@pytest.mark.parametrize("value", [0.0, 3.5, -1e30, 1e-305])
def test_a_constant_is_an_edge_among_narrow_bins(value) -> None:
    edges, counts = equal_bins(np.full(9, value), 4, 1)
    assert edges[2] == value
    assert (np.diff(edges) > 0).all()
    assert counts.tolist() == [0, 9, 0, 0]


def test_a_range_that_floats_cannot_divide_counts_as_constant() -> None:
    edges, counts = equal_bins(np.array([1.0, np.nextafter(1.0, 2.0)]), 10, 4)
    assert (np.diff(edges) > 0).all()
    assert counts[4] == 2


def test_a_range_whose_inverse_would_be_infinite_counts_as_constant() -> None:
    edges, counts = equal_bins(np.array([0.0, 1e-305, 3e-305]), 4, 1)
    assert edges[-1] - edges[0] > 1e-13
    assert counts.tolist() == [0, 3, 0, 0]


def test_halves_are_middle_and_reach() -> None:
    middle, factor = halves_of(np.array([[1.0, 2.0, 5.0]]))
    assert middle.tolist() == [3.0]
    assert factor.tolist() == [0.5]


def test_damaged_arrays_are_refused() -> None:
    check_bins(np.array([[0.0, 1.0]]), np.ones((1, 1)))
    for edges, table in (([[0.0, 0.0]], [[1.0]]), ([[0.0, np.nan]], [[1.0]]), ([[0.0, 1.0]], [[np.inf]])):
        with pytest.raises(DataError, match="edges must ascend"):
            check_bins(np.array(edges), np.array(table))
