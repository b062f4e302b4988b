import pytest

from ad_contracts.headers import CloudEvent, cloud_event, iso_time, read, recorded


def test_the_headers_of_an_event_are_those_of_the_kafka_binding() -> None:
    headers = cloud_event(
        "records", "/streams/cpu", "b1.0", 1_700_000_000_123, "application/json", traceparent="00-ab-cd-01"
    )
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_type": b"records",
        "ce_source": b"/streams/cpu",
        "ce_id": b"b1.0",
        "ce_time": b"2023-11-14T22:13:20.123Z",
        "content-type": b"application/json",
        "traceparent": b"00-ab-cd-01",
    }


def test_what_is_written_is_read() -> None:
    headers = cloud_event("t", "s", "i", "2024-01-01T00:00:00Z", "application/avro", batch_id="b")
    assert read(headers) == CloudEvent(
        type="t",
        source="s",
        id="i",
        time="2024-01-01T00:00:00Z",
        specversion="1.0",
        content_type="application/avro",
        batch_id="b",
    )


@pytest.mark.parametrize("headers", [[], [("x", b"1")], [("ce_type", b"\xff\xfe")]])
def test_missing_foreign_and_broken_headers_are_nothing(headers: list[tuple[str, bytes]]) -> None:
    assert read(headers) == CloudEvent()


def test_the_epoch_has_milliseconds_and_a_zone() -> None:
    assert iso_time(0) == "1970-01-01T00:00:00.000Z"


def test_headers_are_carried_in_their_order_also_without_a_value_and_with_a_name_that_is_no_text() -> None:
    assert recorded([("b", b"\xff"), ("a", None), ("b", b""), ("\udcff", b"1")]) == [
        {"name": "b", "value": b"\xff"},
        {"name": "a", "value": None},
        {"name": "b", "value": b""},
        {"name": "?", "value": b"1"},
    ]
