"""Units of features and the rows that are kept."""

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.tabular.scaling import chosen_rows, scale_of, scaled, usable


def test_the_scale_is_the_normal_range_else_the_whole_one_else_the_level() -> None:
    rows = np.array([[0.0, 0.0, -9.0, 0.2], [9.0, 4.0, -9.0, 0.2]])
    bounds = np.array([[4.0, 0.0, -9.0, 0.2], [1.0, 0.0, -9.0, 0.2], [8.0, 0.0, -9.0, 0.2]])
    assert scale_of(rows, bounds, scale=True).tolist() == [7.0, 4.0, 9.0, 1.0]
    assert scale_of(rows, bounds, scale=False).tolist() == [1.0] * 4


def test_scaled_rows_stay_finite() -> None:
    assert scaled(np.array([[1e30, -6.0]]), np.array([1e-300, 3.0])).tolist() == [[1e100, -2.0]]


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan, np.inf])
def test_a_scale_that_rows_cannot_be_divided_by_is_refused(wrong) -> None:
    with pytest.raises(DataError, match="scale"):
        usable(np.array([1.0, wrong]))


def test_rows_are_drawn_once_each_and_the_same_for_the_same_seed() -> None:
    drawn = chosen_rows(1000, 100, 3).tolist()
    assert drawn == chosen_rows(1000, 100, 3).tolist() == sorted(set(drawn))
    assert len(drawn) == 100
    assert drawn != chosen_rows(1000, 100, 4).tolist()
    assert chosen_rows(7, 100, 3).tolist() == list(range(7))
