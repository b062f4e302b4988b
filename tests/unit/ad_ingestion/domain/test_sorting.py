"""Bodies sorted into accepted and rejected records."""

import json

import pytest

from ad_data.errors import ReadError
from ad_ingestion.domain.sorting import (
    MAX_RECORD_BYTES,
    NoRecords,
    Rejection,
    TooManyRecords,
    content_type_of,
    inferred,
    record_bytes,
    sort_records,
)
from ad_ingestion.domain.streams import Hints
from tests.support.ingestion import SENSORS, sensor_body

JSON = "application/json"


def sort(data: bytes, content_type: str = JSON, max_rows: int = 1000):
    return sort_records(data, content_type, SENSORS, arrival_ms=1_700_000_000_000, max_rows=max_rows)


def test_every_record_is_accepted_or_rejected_and_keeps_its_row() -> None:
    lines = [
        b'{"sensor": "a", "load": 1, "heat": 1}',
        b"garbage",
        b'{"load": 1, "heat": 1}',
        b'{"sensor": "a", "load": 2, "heat": 1}',
    ]
    found = sort(b"\n".join(lines), "application/x-ndjson")
    assert found.accepted["_row"].to_list() == [0, 3]
    assert found.accepted["load"].to_list() == [1.0, 2.0]
    assert [(bad.row, bad.field, bad.raw) for bad in found.rejections] == [
        (1, None, lines[1]),
        (2, "sensor", lines[2]),
    ]
    assert found.total == 4


def test_a_record_without_a_time_has_that_of_its_arrival() -> None:
    times = sort(sensor_body(2)).accepted["_time"].dt.epoch("ms")
    assert times.to_list() == [1_700_000_000_000] * 2


def test_a_record_that_fits_into_no_message_is_rejected() -> None:
    rows = [
        {"sensor": "x" * (MAX_RECORD_BYTES + 1), "load": 1, "heat": 1},
        {"sensor": "a", "load": 1, "heat": 1},
    ]
    found = sort(json.dumps(rows).encode())
    assert found.accepted["_row"].to_list() == [1]
    assert [(bad.row, "at most" in bad.reason) for bad in found.rejections] == [(0, True)]


def test_of_a_huge_rejected_record_the_beginning_is_kept() -> None:
    lines = [b"x" * (MAX_RECORD_BYTES * 2), b'{"sensor": "a", "load": 1, "heat": 1}']
    [bad] = sort(b"\n".join(lines), "application/x-ndjson").rejections
    assert bad.raw == lines[0][:MAX_RECORD_BYTES]
    assert bad.reason.endswith(f"(kept: the first {MAX_RECORD_BYTES} of {2 * MAX_RECORD_BYTES} bytes)")


@pytest.mark.parametrize("data", [b"", b"  ", b"[]", b'{"records": []}'])
def test_nothing_is_not_a_body(data) -> None:
    with pytest.raises(NoRecords):
        sort(data)
    with pytest.raises(NoRecords):
        inferred(data, JSON, Hints())


def test_more_records_than_a_request_may_bring_are_refused() -> None:
    with pytest.raises(TooManyRecords, match="holds 11 records, a request takes at most 10"):
        sort(sensor_body(11), max_rows=10)


def test_a_body_that_is_not_what_it_says_is_an_error() -> None:
    with pytest.raises(ReadError, match="malformed JSON"):
        sort(b"[1,")


def test_a_schema_is_inferred_with_the_entity_that_was_named() -> None:
    schema = inferred(sensor_body(5), JSON, Hints(entity="sensor", on_extra="reject"))
    assert (schema.entity, schema.features, schema.on_extra) == ("sensor", ("load", "heat"), "reject")


def test_the_size_of_a_record_grows_with_its_text() -> None:
    frame = sort(sensor_body(1)).accepted
    longer = frame.with_columns(sensor=frame["sensor"] + "x" * 100)
    assert record_bytes(longer, SENSORS)[0] - record_bytes(frame, SENSORS)[0] == 100


@pytest.mark.parametrize(
    ("raw", "body_type", "found"),
    [
        (b'{"a": 1}', "text/csv", JSON),
        (b"1,2,3", "Text/CSV; charset=utf-8", "text/csv"),
        (b"x", None, None),
    ],
)
def test_the_form_of_a_rejected_record_is_said(raw, body_type, found) -> None:
    assert content_type_of(Rejection(0, "", None, raw), body_type) == found
