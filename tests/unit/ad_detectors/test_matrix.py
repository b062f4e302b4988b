"""What is taken as a matrix, and how the rest is refused."""

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.matrix import as_matrix, feature_names, integers, missing_rows


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([1.0, 2.0], "reshape"),
        (np.zeros((0, 2)), "empty"),
        (np.zeros((2, 0)), "empty"),
        ([["a"]], "not numeric"),
        ([[1.0], [1.0, 2.0]], "not a matrix"),
        (np.array([[object()]]), "not numeric"),
        (np.array([["2020-01-01"]], "datetime64[D]"), "not numeric"),
        (np.zeros((2, 2, 2)), "3 dimension"),
        (np.zeros((1, 1), complex), "not numeric"),
    ],
)
def test_what_is_no_matrix_is_refused_with_the_reason(data, words) -> None:
    with pytest.raises(DataError, match=words):
        as_matrix(data)


@pytest.mark.parametrize("data", [[[1, 2]], [[True, False]], np.ones((2, 2), "f4"), [[1, None]]])
def test_whatever_is_numbers_becomes_float64(data) -> None:
    assert as_matrix(data).dtype == np.float64


def test_another_width_is_refused_with_both() -> None:
    with pytest.raises(DataError, match=r"2 feature.*fitted on 3"):
        as_matrix(np.zeros((1, 2)), 3)


def test_feature_names_are_checked_or_made() -> None:
    assert feature_names(None, 2) == ("f0", "f1")
    with pytest.raises(DataError, match="1 feature name"):
        feature_names(["a"], 2)
    with pytest.raises(DataError, match="differ"):
        feature_names(["a", "a"], 2)


def test_rows_with_missing_values_are_found() -> None:
    assert missing_rows(np.array([[1.0, np.nan], [1.0, 2.0]])).tolist() == [True, False]


def test_a_number_beyond_all_floats_is_refused() -> None:
    with pytest.raises(DataError, match="not numeric"):
        as_matrix([[10**400, 1]])


def test_feature_names_are_texts() -> None:
    with pytest.raises(DataError, match="must be texts: 1, 2"):
        feature_names((1, 2), 2)


@pytest.mark.parametrize("values", [[0.5], [[0]], ["a"], 0, np.array(["2024-01-01"], "datetime64[ms]")])
def test_slots_and_times_are_whole_numbers_in_a_row(values) -> None:
    with pytest.raises(DataError, match="slots must be whole numbers"):
        integers("slots", values)
