import numpy as np
import polars as pl

from ad_data.columns import to_columns
from ad_data.schema import Field, StreamSchema
from ad_data.validate import validate

NOW = 1_700_000_000_000
SCHEMA = StreamSchema(
    fields=(
        Field("host", "string"),
        Field("ts", "timestamp", required=False),
        Field("cpu"),
        Field("n", "integer"),
        Field("note", "string", required=False),
    ),
    entity="host",
    timestamp="ts",
)


def test_records_become_arrays() -> None:
    frame = pl.DataFrame(
        {
            "host": ["b", "a", "b"],
            "ts": [5000, None, 7000],
            "cpu": [1.5, float("nan"), float("inf")],
            "n": [1, None, 3],
            "_message": [0, 4, 4],
            "_row": [9, 0, 1],
        }
    )
    columns = to_columns(validate(frame, SCHEMA, NOW).frame, SCHEMA, NOW)
    assert columns.names == ("cpu", "n")
    np.testing.assert_array_equal(columns.features, [[1.5, 1], [np.nan, np.nan], [np.nan, 3]])
    assert columns.features.flags.c_contiguous
    assert columns.time_ms.tolist() == [5_000_000, NOW, 7_000_000]
    assert columns.entities == ["b", "a"]
    assert columns.entity_codes is not None
    assert columns.entity_codes.tolist() == [0, 1, 0]
    assert (columns.messages.tolist(), columns.rows.tolist()) == ([0, 4, 4], [9, 0, 1])
    assert len(columns) == 3


def test_a_stream_without_timestamp_and_entity_has_the_time_of_arrival() -> None:
    schema = StreamSchema(fields=(Field("cpu"),))
    columns = to_columns(validate(pl.DataFrame({"cpu": [1.0, 2.0]}), schema, NOW).frame, schema, NOW)
    assert columns.time_ms.tolist() == [NOW, NOW]
    assert columns.entities is None
    assert columns.entity_codes is None
    assert columns.rows.tolist() == [0, 1]


def test_no_records_give_empty_arrays_of_the_right_shape() -> None:
    columns = to_columns(validate(pl.DataFrame(), SCHEMA, NOW).frame, SCHEMA, NOW)
    assert columns.features.shape == (0, 2)
    assert columns.entities == []
    assert len(columns) == 0


def test_a_whole_number_may_be_the_entity() -> None:
    schema = StreamSchema(fields=(Field("id", "integer"), Field("cpu")), entity="id")
    frame = validate(pl.DataFrame({"id": [7, 7, 8], "cpu": [1.0, 2.0, 3.0]}), schema, NOW).frame
    assert to_columns(frame, schema, NOW).entities == ["7", "8"]


def test_the_records_of_some_messages_are_as_if_they_had_come_alone() -> None:
    frame = pl.DataFrame(
        {
            "host": ["b", "a", "b", "c", "a", "c"],
            "cpu": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "_message": [0, 1, 2, 2, 4, 5],
            "_row": [0, 0, 0, 1, 0, 0],
        }
    )
    schema = StreamSchema(fields=(Field("host", "string"), Field("cpu")), entity="host")
    whole = to_columns(validate(frame, schema, NOW).frame, schema, NOW)
    apart = frame.slice(2, 3).with_columns(pl.col("_message") - 2)
    alone = to_columns(validate(apart, schema, NOW).frame, schema, NOW)
    part = whole.of_messages(2, 5)
    assert part.entities == alone.entities == ["b", "c", "a"]
    for name in ("features", "time_ms", "messages", "rows", "entity_codes"):
        np.testing.assert_array_equal(getattr(part, name), getattr(alone, name))
    assert len(whole.of_messages(3, 4)) == 0
    assert whole.of_messages(3, 4).entities == []


def test_some_of_the_records_name_only_their_own_entities_in_the_order_of_appearance() -> None:
    frame = pl.DataFrame({"host": ["b", "a", "c", "a"], "cpu": [1.0, 2.0, 3.0, 4.0]})
    schema = StreamSchema(fields=(Field("host", "string"), Field("cpu")), entity="host")
    some = to_columns(frame, schema, NOW).where(np.array([False, True, True, True]))
    assert (some.entities, some.features[:, 0].tolist()) == (["a", "c"], [2.0, 3.0, 4.0])
    assert some.entity_codes is not None
    assert some.entity_codes.tolist() == [0, 1, 0]
