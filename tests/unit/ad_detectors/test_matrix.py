"""What is taken as a matrix, and how the rest is refused."""

import numpy as np
import pytest

from ad_detectors.errors import DataError, ParameterError
from ad_detectors.matrix import as_matrix, count, feature_names, integers, missing_rows, scores_of, share


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


@pytest.mark.parametrize("value", ["a", 1.5, 0, -1, True, None, float("nan"), [1]])
def test_what_is_no_count_is_refused_by_name_value_and_range(value) -> None:
    with pytest.raises(ParameterError) as caught:
        count("capacity", value)
    assert str(caught.value) == f"parameter 'capacity' is {value!r}; valid is a whole number of at least 1"


def test_counts_of_numpy_are_counts() -> None:
    assert [count("capacity", value) for value in (1, np.int32(7), np.uint8(2))] == [1, 7, 2]


@pytest.mark.parametrize("value", ["a", None, True, 0, 0.51, -0.1, float("nan"), [0.1]])
def test_what_is_no_share_is_refused_by_name_value_and_range(value) -> None:
    with pytest.raises(ParameterError) as caught:
        share("contamination", value)
    assert str(caught.value) == (
        f"parameter 'contamination' is {value!r}; valid is a number above 0 and up to 0.5"
    )


def test_shares_of_any_numeric_type_are_shares() -> None:
    assert [share("contamination", value) for value in (0.5, np.float32(0.25))] == [0.5, 0.25]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            ["a"],
            r"parameter 'scores' is not numeric \(could not convert string to float: 'a'\); valid are num",
        ),
        ([[1.0], [1.0, 2.0]], "parameter 'scores' is not numeric"),
        ([1.0, np.nan], r"parameter 'scores' is nan at \[1\]; valid are numbers"),
        ([[1.0, 2.0], [3.0, np.nan]], r"parameter 'scores' is nan at \[1, 1\]"),
    ],
)
def test_what_is_no_score_is_refused(values, words) -> None:
    with pytest.raises(DataError, match=words):
        scores_of(values)


def test_scores_keep_their_shape_and_infinities() -> None:
    assert scores_of([[1, np.inf]]).tolist() == [[1.0, np.inf]]
    assert scores_of(2).shape == ()
