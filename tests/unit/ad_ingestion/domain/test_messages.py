"""Records cut into messages."""

import io

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ad_contracts.partitioning import partition_for, record_key
from ad_data.decode import decode
from ad_data.schema import Field, StreamSchema
from ad_ingestion.domain.messages import MAX_BYTES, cut, slices
from ad_ingestion.domain.sorting import sort_records
from tests.support.ingestion import SENSORS, sensor_body


def accepted(count: int, **options) -> pl.DataFrame:
    body = sensor_body(count, **options)
    return sort_records(body, "application/json", SENSORS, arrival_ms=0, max_rows=10**6).accepted


def rows(part) -> pl.DataFrame:
    return pl.read_ipc_stream(io.BytesIO(part.value))


def test_all_records_of_an_entity_go_to_the_partition_of_its_key_in_their_order() -> None:
    parts = cut(accepted(1000, sensors=50), "sensors", SENSORS, 6)
    assert sum(part.rows for part in parts) == 1000
    assert len({part.partition for part in parts}) == 6
    for part in parts:
        frame = rows(part)
        for sensor in frame["sensor"].unique():
            assert partition_for(record_key("sensors", sensor), 6) == part.partition
        assert frame["_row"].is_sorted()


def test_a_stream_without_entities_stays_on_one_partition() -> None:
    schema = StreamSchema(fields=SENSORS.fields)
    parts = cut(accepted(12_000), "sensors", schema, 6)
    assert [part.rows for part in parts] == [5000, 5000, 2000]
    assert {part.partition for part in parts} == {partition_for(b"sensors", 6)}
    assert [part.event_id("b") for part in parts] == [
        f"b.{parts[0].partition}.{number}" for number in range(3)
    ]


def test_no_message_is_larger_than_every_broker_takes() -> None:
    schema = StreamSchema(fields=(Field("text", "string"), Field("load")))
    frame = pl.DataFrame({"text": ["x" * 20_000] * 200, "load": [1.0] * 200, "_row": range(200)})
    parts = cut(frame, "s", schema, 6)
    assert sum(part.rows for part in parts) == 200
    assert max(len(part.value) for part in parts) <= MAX_BYTES


def test_a_schema_of_a_thousand_fields_still_makes_messages_that_fit() -> None:
    names = [f"field_{number}" for number in range(1000)]
    schema = StreamSchema(fields=tuple(Field(name) for name in names))
    frame = pl.DataFrame({name: np.ones(500) for name in names}).with_columns(_row=pl.int_range(500))
    assert max(len(part.value) for part in cut(frame, "s", schema, 6)) <= MAX_BYTES


def test_the_same_records_give_the_same_parts_also_when_they_come_back_from_a_file() -> None:
    frame = accepted(7000, sensors=20)
    sink = io.BytesIO()
    frame.write_parquet(sink)
    again = pl.read_parquet(sink.getvalue())
    parts, parts_again = (cut(each, "sensors", SENSORS, 6) for each in (frame, again))
    assert [part[:3] for part in parts] == [part[:3] for part in parts_again]


def test_detection_reads_what_is_written() -> None:
    schema = StreamSchema(fields=(Field("at", "timestamp"), Field("load")), timestamp="at")
    body = b'[{"at": "2026-01-01T00:00:00Z", "load": 1}, {"load": 2, "at": 1767225600000}]'
    frame = sort_records(body, "application/json", schema, arrival_ms=0, max_rows=10).accepted
    [part] = cut(frame, "s", schema, 6)
    decoded = decode([part.value], "application/vnd.apache.arrow.stream", schema)
    assert decoded.failures == []
    assert decoded.frame["_row"].to_list() == [0, 1]
    assert decoded.frame["at"].dt.epoch("ms").to_list() == [1767225600000] * 2


def test_nothing_makes_no_message() -> None:
    assert cut(accepted(1).clear(), "sensors", SENSORS, 6) == []


@given(st.lists(st.integers(1, 50), max_size=60), st.integers(1, 100), st.integers(1, 10))
def test_slices_cover_every_row_once_within_both_limits(widths, max_bytes, max_rows) -> None:
    found = list(slices(np.array(widths, dtype=np.int64), max_bytes, max_rows))
    assert [row for start, stop in found for row in range(start, stop)] == list(range(len(widths)))
    for start, stop in found:
        assert stop - start <= max_rows
        assert stop - start == 1 or sum(widths[start:stop]) <= max_bytes
