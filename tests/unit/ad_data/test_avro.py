import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_data.avro import avro_schema, encode_record, parse_avro
from ad_data.schema import Field, StreamSchema

SCHEMA = StreamSchema(
    fields=(
        Field("cpu"),
        Field("n", "integer"),
        Field("up", "boolean"),
        Field("host.name", "string"),
        Field("2nd", "timestamp"),
    )
)
RECORDS = st.fixed_dictionaries(
    {
        "cpu": st.none() | st.floats(allow_nan=False),
        "n": st.none() | st.integers(-(2**63), 2**63 - 1),
        "up": st.none() | st.booleans(),
        "host.name": st.none() | st.text(st.characters(codec="utf-8")),
        "2nd": st.none() | st.integers(0, 10**12),
    }
)


@given(st.lists(RECORDS, max_size=5))
def test_what_is_encoded_comes_back_equal(records: list[dict[str, object]]) -> None:
    rows = parse_avro([encode_record(record, SCHEMA) for record in records], SCHEMA)
    assert rows.failures == []
    frame = rows.frame.with_columns(rows.frame["2nd"].dt.epoch("ms"))
    assert frame.to_dicts() == records


def test_the_schema_is_the_same_for_the_same_stream_and_valid_for_any_field_name() -> None:
    schema = avro_schema(SCHEMA)
    assert schema == avro_schema(StreamSchema.from_json(SCHEMA.to_json()))
    assert [field["name"] for field in schema["fields"]] == ["cpu", "n", "up", "f3__host_name", "f4__2nd"]
    fastavro.parse_schema(schema)


@given(RECORDS, st.data())
def test_every_truncation_is_a_failure(record: dict[str, object], data: st.DataObject) -> None:
    whole = encode_record(record, SCHEMA)
    rows = parse_avro([whole[: data.draw(st.integers(0, len(whole) - 1))]], SCHEMA)
    assert rows.frame.height == 0
    assert len(rows.failures) == 1


@given(st.binary(max_size=80))
def test_garbage_behind_the_right_header_is_a_failure_or_a_record(garbage: bytes) -> None:
    rows = parse_avro([encode_record({}, SCHEMA)[:10] + garbage], SCHEMA)
    assert rows.frame.height + len(rows.failures) == 1


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"", "begins with nothing instead of c3 01"),
        (b"{}", "begins with 7b 7d"),
        (b"\xc3\x01\x00", "3 bytes, the header alone has 10"),
        (encode_record({}, StreamSchema(fields=(Field("other"),))), "another schema: fingerprint"),
        (encode_record({}, SCHEMA) + b"x", "trailing bytes"),
    ],
)
def test_the_failure_says_what_is_wrong(message: bytes, said: str) -> None:
    rows = parse_avro([encode_record({"n": 1}, SCHEMA), message, encode_record({"n": 3}, SCHEMA)], SCHEMA)
    [failure] = rows.failures
    assert failure.message == 1
    assert said in failure.reason
    assert list(rows.lines) == [0, 2]
    assert rows.frame["n"].to_list() == [1, 3]
