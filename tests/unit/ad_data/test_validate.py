from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from ad_data.schema import Field, FieldType, StreamSchema
from ad_data.validate import validate

NOW = 1_700_000_000_000
NAN, INF = float("nan"), float("inf")


def one(
    kind: FieldType, values: list[Any], dtype: Any = None, **more: Any
) -> tuple[list[Any], dict[int, str]]:
    schema = StreamSchema(fields=(Field("x", kind),), **more)
    result = validate(pl.DataFrame({"x": pl.Series(values, dtype=dtype)}), schema, NOW)
    return result.frame["x"].to_list(), {reject.row: reject.reason for reject in result.rejects}


@pytest.mark.parametrize(
    ("kind", "values", "dtype", "taken", "rejected"),
    [
        ("float", [1.5, None, NAN, INF, -INF], None, [1.5, None, None, None, None], []),
        ("float", [1, 2**63, None], pl.UInt64, [1.0, 2.0**63, None], []),
        ("float", [Decimal("1.25")], None, [1.25], []),
        ("float", ["1.5", " 2 ", "", "abc", "inf"], None, [1.5, 2.0, None, None], [3]),
        ("float", [True, None], None, [None], [0]),
        ("float", [[1.0], None], None, [None], [0]),
        ("float", [None, None], pl.Null, [None, None], []),
        ("integer", [1.0, 2.5, NAN, INF, 1e300], None, [1, None, None], [1, 4]),
        ("integer", ["7", "7.5", ""], None, [7, None], [1]),
        ("integer", [1, 2**63], pl.UInt64, [1], [1]),
        ("boolean", [True, None], None, [True, None], []),
        ("boolean", ["true", "FALSE", "maybe", ""], None, [True, False, None], [2]),
        ("boolean", [0, 1, 2], None, [False, True], [2]),
        ("boolean", [1.0], None, [], [0]),
        ("string", ["a", None, ""], None, ["a", None, ""], []),
        ("string", ["a", "b"], pl.Categorical, ["a", "b"], []),
        ("string", [1, 2], None, ["1", "2"], []),
        ("string", [b"a"], None, [], [0]),
        (
            "timestamp",
            [float(NOW), NOW / 1000],
            None,
            [datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)] * 2,
            [],
        ),
        ("timestamp", [datetime(2024, 1, 1)], None, [datetime(2024, 1, 1, tzinfo=UTC)], []),
        ("timestamp", [date(2024, 1, 1)], None, [datetime(2024, 1, 1, tzinfo=UTC)], []),
        ("timestamp", [NAN, INF, 1e15], None, [None, None], [2]),
        ("timestamp", [2**62], pl.Datetime("ms"), [], [0]),
        ("timestamp", [True], None, [], [0]),
    ],
)
def test_each_type_takes_what_fits_and_turns_down_what_does_not(
    kind: FieldType, values: list[Any], dtype: Any, taken: list[Any], rejected: list[int]
) -> None:
    found, rejects = one(kind, values, dtype)
    assert found == taken
    assert list(rejects) == rejected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (NAN, "field 'x': nan is not finite, a number belongs here"),
        (INF, "field 'x': inf is not finite, a number belongs here"),
        (None, "field 'x': missing, a number belongs here"),
    ],
)
def test_a_missing_value_is_turned_down_when_the_stream_says_so(value: Any, reason: str) -> None:
    assert one("float", [1.0, value], on_missing="reject") == ([1.0], {1: reason})


def test_a_field_that_is_not_required_may_be_absent_whatever_the_stream_says() -> None:
    schema = StreamSchema(fields=(Field("x"), Field("y", required=False)), on_missing="reject")
    assert validate(pl.DataFrame({"x": [1.0]}), schema, NOW).frame.rows() == [(1.0, None)]


def test_an_absent_column_is_missing() -> None:
    schema = StreamSchema(fields=(Field("x"), Field("y")))
    assert validate(pl.DataFrame({"x": [1.0]}), schema, NOW).frame.rows() == [(1.0, None)]


def test_an_extra_column_is_left_out_or_turned_down_where_it_holds_something() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0], "color": ["red", None], "_row": [5, 6]})
    ignoring = validate(frame, StreamSchema(fields=(Field("x"),)), NOW)
    assert ignoring.frame.columns == ["x", "_row"]
    strict = validate(frame, StreamSchema(fields=(Field("x"),), on_extra="reject"), NOW)
    assert strict.frame.rows() == [(2.0, 6)]
    assert strict.rejects[0].reason == "field 'color': not in the schema of the stream, which has: x"


def test_a_record_without_its_entity_is_always_turned_down() -> None:
    schema = StreamSchema(fields=(Field("host", "string", required=False),), entity="host")
    result = validate(pl.DataFrame({"host": ["a", None, ""]}), schema, NOW)
    assert result.frame["host"].to_list() == ["a"]
    assert [reject.row for reject in result.rejects] == [1, 2]


def test_a_record_without_its_required_timestamp_is_turned_down() -> None:
    fields = (Field("ts", "timestamp"), Field("x"))
    frame = pl.DataFrame({"ts": [NOW, None], "x": [1.0, 2.0]})
    assert validate(frame, StreamSchema(fields=fields, timestamp="ts"), NOW).rows.tolist() == [0]
    relaxed = (Field("ts", "timestamp", required=False), Field("x"))
    assert validate(frame, StreamSchema(fields=relaxed, timestamp="ts"), NOW).rows.tolist() == [0, 1]


def test_a_record_too_old_or_too_far_ahead_is_turned_down_with_how_much() -> None:
    schema = StreamSchema(
        fields=(Field("ts", "timestamp"),), timestamp="ts", max_age_seconds=60, max_future_seconds=5
    )
    times = [NOW, NOW - 60_000, NOW - 61_000, NOW + 5_000, NOW + 6_000]
    result = validate(pl.DataFrame({"ts": times}), schema, NOW)
    assert result.rows.tolist() == [0, 1, 3]
    assert [reject.reason for reject in result.rejects] == [
        "field 'ts': 2023-11-14T22:12:19Z is 61 s old, the stream takes at most 60 s",
        "field 'ts': 2023-11-14T22:13:26Z is 6 s ahead, the stream takes at most 5 s",
    ]


def test_a_record_with_several_faults_is_turned_down_once() -> None:
    schema = StreamSchema(fields=(Field("x"), Field("y")), on_missing="reject")
    result = validate(pl.DataFrame({"x": ["a", "1"], "y": ["b", None]}), schema, NOW)
    assert [(reject.row, reject.field) for reject in result.rejects] == [(0, "x"), (1, "y")]


def test_rows_tell_where_the_good_records_stood() -> None:
    result = validate(pl.DataFrame({"x": ["1", "a", "3"]}), StreamSchema(fields=(Field("x"),)), NOW)
    assert result.rows.dtype == np.int64
    assert result.rows.tolist() == [0, 2]


def test_an_empty_frame_stays_empty() -> None:
    result = validate(pl.DataFrame({"x": []}), StreamSchema(fields=(Field("x"),)), NOW)
    assert (result.frame.height, result.rejects) == (0, [])


def test_a_long_value_is_cut_in_the_reason() -> None:
    _, rejects = one("float", ["z" * 1000])
    assert len(rejects[0]) < 120
