import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_contracts import avro, resources
from ad_contracts.codec import HEADER_BYTES, MARKER, AvroCodec, codec_for
from ad_contracts.confluent import ConfluentCodec
from ad_contracts.errors import DecodeError, EncodeError, UnknownSchemaError
from ad_contracts.events import EVENTS, Event, RecordRejected, TrainingProgressed
from tests.support.events import events_of

CODEC = AvroCodec()
ANY = st.one_of([events_of(event) for event in EVENTS.values()])
PROGRESS = TrainingProgressed(
    tenant="default", job_id="j", model="m", state="running", step="fit", progress=0.25, event_time_ms=17
)


@given(ANY)
def test_what_is_encoded_comes_back_equal(event: Event) -> None:
    assert CODEC.decode(CODEC.encode(event)) == event


def test_the_bytes_begin_with_the_marker_and_the_fingerprint_of_the_schema() -> None:
    mark = avro.schema_fingerprint(resources.newest_schemas()["training_progressed"])
    assert CODEC.encode(PROGRESS).startswith(MARKER + mark)


def test_the_fingerprint_is_the_one_of_the_avro_specification() -> None:
    # CRC-64-AVRO of "null" as in the test data of the Apache Avro project, little endian.
    assert avro.fingerprint('"null"', "CRC-64-AVRO") == (0x63DD24E7CC258F8A).to_bytes(8, "little").hex()


@given(ANY, st.data())
def test_every_truncation_is_refused(event: Event, data: st.DataObject) -> None:
    whole = CODEC.encode(event)
    with pytest.raises(DecodeError):
        CODEC.decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(ANY, st.binary(min_size=1, max_size=20))
def test_trailing_bytes_are_refused(event: Event, more: bytes) -> None:
    with pytest.raises(DecodeError, match="trailing bytes"):
        CODEC.decode(CODEC.encode(event) + more)


@settings(max_examples=300)
@given(st.sampled_from(sorted(EVENTS)), st.binary(max_size=200))
def test_garbage_behind_a_known_fingerprint_is_refused_or_an_event(name: str, garbage: bytes) -> None:
    data = MARKER + avro.schema_fingerprint(resources.newest_schemas()[name]) + garbage
    try:
        event = CODEC.decode(data)
    except DecodeError:
        return
    assert isinstance(event, EVENTS[name])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "nothing instead of c3 01"),
        (b'{"a": 1}', "7b 22 instead of c3 01"),
        (b"\xc3\x01abc", "truncated: 5 bytes"),
    ],
)
def test_the_error_says_what_is_wrong(data: bytes, said: str) -> None:
    with pytest.raises(DecodeError, match=said):
        CODEC.decode(data)


def test_an_unknown_fingerprint_is_named() -> None:
    with pytest.raises(UnknownSchemaError, match="0102030405060708"):
        CODEC.decode(MARKER + bytes(range(1, HEADER_BYTES - 1)))


def test_an_event_that_its_schema_cannot_hold_is_refused() -> None:
    wrong = RecordRejected(
        tenant="default", reason="r", raw=b"", row=2**70, rejected_time_ms=1, source="ingestion"
    )
    with pytest.raises(EncodeError, match="record_rejected"):
        CODEC.encode(wrong)


async def test_an_address_of_a_registry_chooses_the_framing() -> None:
    assert isinstance(codec_for(None), AvroCodec)
    assert isinstance(codec_for(""), AvroCodec)
    codec = codec_for("http://127.0.0.1:9")
    assert isinstance(codec, ConfluentCodec)
    await codec.close()


async def test_the_plain_codec_needs_no_preparation() -> None:
    await CODEC.prepare(("default",))
    await CODEC.learn([b"anything"])
    await CODEC.close()
    assert CODEC.decode(CODEC.encode(PROGRESS)) == PROGRESS
