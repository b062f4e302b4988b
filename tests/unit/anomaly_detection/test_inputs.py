"""Whatever holds a table becomes a matrix, and columns find their features."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.sparse import csr_array

from ad_detectors.errors import DataError
from anomaly_detection import AnomalyDetector
from anomaly_detection.inputs import Fitted, as_points, as_rows, times_of

COLUMNS = {"a": [1.0, 2.5, None], "b": [True, False, None]}
MATRIX = [[1.0, 1.0], [2.5, 0.0], [np.nan, np.nan]]
TABLES = {
    "polars": pl.DataFrame(COLUMNS),
    "pandas": pd.DataFrame({"a": [1.0, 2.5, None], "b": pd.array([True, False, None], dtype="boolean")}),
    "table": pa.table(COLUMNS),
    "batch": pa.table(COLUMNS).to_batches()[0],
    "chunks": pa.concat_tables([pa.table(COLUMNS).slice(0, 1), pa.table(COLUMNS).slice(1)]),
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_of_every_library_give_the_same_matrix_with_names_and_gaps(kind) -> None:
    table = as_rows(TABLES[kind])
    np.testing.assert_array_equal(table.features, MATRIX)
    assert table.names == ("a", "b")


def test_whole_numbers_and_decimals_of_arrow_are_numbers() -> None:
    table = as_rows(pa.table({"i": pa.array([1, 2], pa.int8()), "d": pa.array([1, 2], pa.decimal128(5, 2))}))
    assert table.features.tolist() == [[1.0, 1.0], [2.0, 2.0]]


@pytest.mark.parametrize("data", [np.ones((2, 2)), [[1, 1], [1, 1]], pd.DataFrame(np.ones((2, 2)))])
def test_columns_without_text_have_no_names(data) -> None:
    assert as_rows(data).names is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (csr_array(np.eye(3)), "sparse data is not supported"),
        (np.ones((2, 2), complex), "Complex data"),
        (np.ones(3), "Reshape your data"),
        (np.ones((3, 0)), "minimum of 1 is required"),
        (pl.DataFrame(), "no columns"),
        (pl.LazyFrame({"a": [1.0]}), "collect"),
        (pl.DataFrame({"a": []}, schema={"a": pl.Float64}), "at least one row"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "must differ: a, a"),
        (pa.table({"host": ["x"]}), "'host' is not numeric"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(data, words) -> None:
    with pytest.raises(DataError, match=words):
        as_rows(data)


def test_columns_are_put_into_the_order_of_the_features() -> None:
    table = as_rows(pl.DataFrame({"b": [2.0], "a": [1.0]}))
    assert Fitted(("a", "b"), "It").matched(table).tolist() == [[1.0, 2.0]]


def test_other_names_are_refused_with_the_difference() -> None:
    detector = AnomalyDetector("zscore").fit(pl.DataFrame({"load": [1.0, 2.0], "speed": [3.0, 5.0]}))
    with pytest.raises(DataError, match=r"AnomalyDetector was fitted on; missing: speed; unexpected: rate"):
        detector.predict(pl.DataFrame({"load": [1.0], "rate": [3.0]}))
    with pytest.raises(DataError, match=r"fitted on; unexpected: rate$"):
        detector.predict(pl.DataFrame({"load": [1.0], "speed": [1.0], "rate": [3.0]}))
    with pytest.raises(DataError, match=r"X has 3 features, .* expecting 2 features as input: load, speed"):
        detector.predict(np.ones((1, 3)))


def test_where_one_side_has_no_names_the_position_counts() -> None:
    frame = pl.DataFrame({"b": [1.0, 2.0], "a": [3.0, 5.0]})
    named, bare = AnomalyDetector("zscore").fit(frame), AnomalyDetector("zscore").fit(frame.to_numpy())
    scores = named.decision_function(frame).tobytes()
    assert named.decision_function(frame.to_numpy()).tobytes() == scores
    assert bare.decision_function(frame).tobytes() == scores


LINES = {
    "list": [1, 2.5, None],
    "array": np.array([1.0, 2.5, np.nan]),
    "masked": np.ma.masked_array([1.0, 2.5, 7.0], [False, False, True]),
    "pandas": pd.Series([1.0, 2.5, None]),
    "polars": pl.Series([1.0, 2.5, None]),
    "arrow": pa.array([1.0, 2.5, None]),
    "chunks": pa.chunked_array([[1.0], [2.5, None]]),
}


@pytest.mark.parametrize("kind", LINES)
def test_one_dimension_is_one_feature_where_points_are_taken(kind) -> None:
    table = as_points(LINES[kind])
    np.testing.assert_array_equal(table.features, [[1.0], [2.5], [np.nan]])
    assert table.names is None


@pytest.mark.parametrize("series", [pd.Series([1, 2], name="load"), pl.Series("load", [1, 2])])
def test_a_series_names_its_feature(series) -> None:
    assert as_points(series).names == ("load",)


def test_points_may_be_tables_as_well() -> None:
    for data in (np.ones((2, 2)), pl.DataFrame({"a": [1.0], "b": [2.0]}), [[1.0], [2.0]]):
        assert as_points(data).features.tolist() == as_rows(data).features.tolist()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (["a"], "not numeric"),
        (pd.Series(["a"], name="host"), "'host' is not numeric .*; encode it"),
        (pl.Series(["a"]), "'the series' is not numeric"),
        ([], "at least one row"),
        ([[1.0], [1.0, 2.0]], "not a matrix"),
        (np.ones((2, 2, 2)), "3 dimension"),
        (csr_array(np.eye(3)), "sparse"),
        (pl.LazyFrame({"a": [1.0]}), "collect"),
        (np.ones(3, complex), "not numeric"),
    ],
)
def test_what_is_no_line_of_numbers_is_refused(data, words) -> None:
    with pytest.raises(DataError, match=words):
        as_points(data)


def test_one_dimension_is_no_row_of_several_features() -> None:
    with pytest.raises(DataError, match=r"2 values in one dimension .* It has 2: a, b. Reshape your data: x"):
        as_points([1.0, 2.0], Fitted(("a", "b"), "It"))


@pytest.mark.parametrize("library", [pl, pd], ids=["polars", "pandas"])
def test_a_column_of_text_that_was_not_there_in_training_is_told_as_unexpected(library) -> None:
    detector = AnomalyDetector("zscore").fit(library.DataFrame({"load": [1.0, 2.0]}))
    with pytest.raises(
        DataError, match=r"1 feature\(s\) that AnomalyDetector was fitted on; unexpected: host$"
    ):
        detector.predict(library.DataFrame({"load": [1.0], "host": ["x"]}))
    with pytest.raises(
        DataError, match=r"'load' is not numeric .*; AnomalyDetector was fitted on numbers there"
    ):
        detector.predict(library.DataFrame({"load": ["much"]}))


def test_only_a_datetime_index_tells_times() -> None:
    times = pd.date_range("2024-01-01", periods=2, freq="h", tz="Europe/Berlin")
    assert times_of(pd.DataFrame({"a": [1, 2]}, index=times)) is times
    assert times_of(pd.Series([1, 2], index=times.tz_localize(None))).tolist()[0].hour == 0
    for data in (pd.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": [1]}), [1, 2], np.ones(2)):
        assert times_of(data) is None
