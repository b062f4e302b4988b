from datetime import datetime

import polars as pl
import pytest

from ad_data.errors import SchemaError
from ad_data.infer import infer
from ad_data.schema import Field


def test_every_column_gets_its_type() -> None:
    frame = pl.DataFrame(
        {
            "n": [1, 2],
            "x": [0.5, None],
            "nothing": [None, None],
            "up": [True, False],
            "when": ["2024-01-01", "2024-01-02T03:04:05Z"],
            "at": [datetime(2024, 1, 1), None],
            "host": ["a", "b"],
            "count": ["1", "2.5"],
            "_row": [0, 1],
        }
    )
    schema = infer(frame)
    assert schema.fields == (
        Field("n", "float"),
        Field("x", "float"),
        Field("nothing", "float"),
        Field("up", "boolean"),
        Field("when", "timestamp"),
        Field("at", "timestamp"),
        Field("host", "string"),
        Field("count", "float"),
    )
    assert schema.entity is None


def test_one_typing_error_does_not_turn_numbers_into_text() -> None:
    mostly = pl.DataFrame({"cpu": ["1"] * 19 + ["oops"], "host": ["a"] * 19 + ["1"]})
    assert infer(mostly).fields == (Field("cpu", "float"), Field("host", "string"))


def test_the_timestamp_is_the_column_that_is_named_so_else_the_first() -> None:
    times = ["2024-01-01"]
    assert infer(pl.DataFrame({"created": times, "Time": times, "x": [1]})).timestamp == "Time"
    assert infer(pl.DataFrame({"created": times, "ended": times})).timestamp == "created"
    assert infer(pl.DataFrame({"x": [1]})).timestamp is None


def test_what_the_caller_says_goes_first() -> None:
    frame = pl.DataFrame({"id": [1, 2], "t": [1_700_000_000, 1_700_000_001], "x": [1.0, 2.0]})
    schema = infer(frame, entity="id", timestamp="t")
    assert schema.fields == (Field("id", "string"), Field("t", "timestamp"), Field("x", "float"))
    assert (schema.entity, schema.timestamp) == ("id", "t")


@pytest.mark.parametrize("role", ["entity", "timestamp"])
def test_a_role_for_a_field_that_is_not_there_is_refused(role: str) -> None:
    with pytest.raises(SchemaError, match="no field 'host'; choose from: x"):
        infer(pl.DataFrame({"x": [1]}), **{role: "host"})
