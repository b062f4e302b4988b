"""Results as messages."""

import msgspec

from ad_chassis.eventlog.port import TopicPartition
from ad_contracts.codec import AvroCodec
from ad_contracts.events import RecordRejected
from ad_detection.adapters.outputs import MOST_RAW_BYTES, OutputWriter, of_bearable_size
from ad_detection.domain.results import Results
from tests.support.records import Stored


def rejection(raw: bytes) -> RecordRejected:
    return RecordRejected(
        tenant="default", reason="not JSON", raw=raw, topic="records.default", partition=3, offset=14, row=0,
        rejected_time_ms=1, source="detection",
    )  # fmt: skip


def test_a_rejected_record_that_fits_is_kept_whole() -> None:
    whole = rejection(b"x" * MOST_RAW_BYTES)
    assert of_bearable_size(whole) is whole


def test_the_beginning_of_a_rejected_record_that_is_too_large_is_kept_and_where_the_rest_stands() -> None:
    results = Results()
    results.rejected.append(rejection(b"ab" * MOST_RAW_BYTES))
    [message] = OutputWriter(AvroCodec()).messages(results)
    told = AvroCodec().decode(message.value or b"")
    assert isinstance(told, RecordRejected)
    assert told.raw == (b"ab" * MOST_RAW_BYTES)[:MOST_RAW_BYTES]
    assert told.reason == (
        "not JSON (of its 16,777,216 bytes the first 8,388,608 are kept here, all at records.default/3/14)"
    )
    assert msgspec.structs.replace(told, raw=b"", reason="") == msgspec.structs.replace(
        rejection(b""), reason=""
    )


def test_a_record_that_cannot_be_handled_at_all_keeps_its_headers() -> None:
    record = Stored(14, b"\xff", (("ce_source", b"sensors"), ("color", b"red")))
    source = TopicPartition("records.default", 3)
    message = OutputWriter(AvroCodec()).dead_letter(source, record, "poison", tenant="default", now_ms=1)
    told = AvroCodec().decode(message.value or b"")
    assert isinstance(told, RecordRejected)
    assert [(each["name"], each["value"]) for each in told.headers] == list(record.headers)
