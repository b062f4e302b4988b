import io
import json
from typing import Any, NamedTuple

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_data.avro import encode_record
from ad_data.decode import decode
from ad_data.json_rows import FEW
from ad_data.schema import Field, StreamSchema
from ad_data.validate import validate
from tests.oracles.ad_data import records as oracle
from tests.support.stream_data import GOOD, NOW_MS, SCHEMA, STRANGE

SIMPLE = StreamSchema(fields=(Field("cpu"), Field("jobs", "integer", required=False)))
BROKEN = st.sampled_from(
    [b"", b"{", b"nonsense", b'{"cpu":1}{"cpu":2}', b"[1]", b"null", b'{"cpu": "\xff"}', b" "]
)


def arrow(**columns: Any) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_ipc_stream(buffer)
    return buffer.getvalue()


def places(frame: pl.DataFrame) -> list[tuple[int, int]]:
    return list(zip(frame["_message"].to_list(), frame["_row"].to_list(), strict=True))


@settings(max_examples=150, deadline=None)
@given(st.lists(GOOD.map(json.dumps).map(str.encode) | BROKEN, max_size=20))
def test_good_records_come_out_in_order_and_each_bad_one_with_its_index(values: list[bytes]) -> None:
    decoded = decode(values, "application/json", SCHEMA)
    bad = [index for index, value in enumerate(values) if b'"host"' not in value]
    assert [failure.message for failure in decoded.failures] == bad
    assert decoded.frame["_message"].to_list() == [i for i in range(len(values)) if i not in bad]
    given_cpu = [json.loads(values[i])["cpu"] for i in decoded.frame["_message"]]
    assert decoded.frame["cpu"].to_list() == given_cpu


@settings(max_examples=300, deadline=None)
@given(
    st.lists(GOOD | STRANGE, max_size=12),
    st.sampled_from(["missing", "reject"]),
    st.sampled_from(["ignore", "reject"]),
)
def test_decoding_and_validating_agree_with_the_twin_that_takes_one_record_at_a_time(
    records: list[dict[str, Any]], on_missing: str, on_extra: str
) -> None:
    schema = msgspec.structs.replace(SCHEMA, on_missing=on_missing, on_extra=on_extra)
    decoded = decode([json.dumps(record).encode() for record in records], None, schema)
    result = validate(decoded.frame, schema, NOW_MS)
    wanted = {}
    for index, record in enumerate(records):
        try:
            wanted[index] = oracle.taken(record, schema, NOW_MS)
        except oracle.Bad:
            continue
    assert result.frame["_message"].to_list() == list(wanted)
    for name in ("cpu", "jobs", "up"):
        assert result.frame[name].to_list() == [row[name] for row in wanted.values()], name
    assert result.frame["ts"].dt.epoch("ms").to_list() == [row["ts"] for row in wanted.values()]
    assert len(decoded.failures) + len(result.rejects) == len(records) - len(wanted)


class Case(NamedTuple):
    value: str
    cpu: float | None = None
    jobs: int | None = None
    reason: str | None = None


@pytest.mark.parametrize(
    "case",
    [
        Case('{"cpu": 1.5}', 1.5),
        Case('{"cpu": 1}', 1.0),
        Case('{"cpu": null}'),
        Case("{}"),
        Case('{"cpu": NaN}'),
        Case('{"cpu": Infinity}'),
        Case('{"cpu": 1e999}'),
        Case('{"cpu": -1e999}'),
        Case('{"cpu": 1, "color": "red"}', 1.0),
        Case('{"cpu": 1, "jobs": 2.0}', 1.0, 2),
        Case('{"cpu": 1, "jobs": NaN}', 1.0),
        Case('{\n  "cpu": 1\n}', 1.0),
        Case('{"cpu": "1.5"}', reason="field 'cpu': \"1.5\" stands where a number belongs"),
        Case('{"cpu": true}', reason="field 'cpu': true stands where a number belongs"),
        Case('{"cpu": [1]}', reason="field 'cpu': [1] stands where a number belongs"),
        Case('{"jobs": 1.5}', reason="field 'jobs': 1.5 stands where a whole number of 64 bits belongs"),
        Case('{"jobs": 9223372036854775808}', reason="where a whole number of 64 bits belongs"),
        Case('{"cpu": ' + "9" * 5000 + "}", reason="not JSON"),
        Case('{"cpu": 1', reason="not JSON"),
        Case("[]", reason="[] stands where a JSON object belongs"),
        Case("   ", reason="empty: a JSON object belongs here"),
        Case('{"cpu": ' + "[" * 100_000 + "}", reason="nested too deep"),
    ],
    ids=lambda case: case.value[:40],
)
def test_a_json_record_is_taken_or_turned_down_with_its_reason(case: Case) -> None:
    good = b'{"cpu": 0.5}'
    decoded = decode([good, case.value.encode(), good], "application/json", SIMPLE)
    frame = decoded.frame.filter(pl.col("_message") == 1)
    if case.reason is None:
        assert decoded.failures == []
        assert frame.select("cpu", "jobs").rows() == [(case.cpu, case.jobs)]
    else:
        [failure] = decoded.failures
        assert failure.message == 1
        assert case.reason in failure.reason
        assert decoded.frame["_message"].to_list() == [0, 2]


def test_an_extra_field_is_turned_down_when_the_stream_says_so() -> None:
    schema = msgspec.structs.replace(SIMPLE, on_extra="reject")
    [failure] = decode([b'{"cpu": 1}', b'{"cpu": 1, "color": 2}'], None, schema).failures
    assert (failure.message, failure.field) == (1, "color")
    assert failure.reason == "field 'color': not in the schema of the stream, which has: cpu, jobs"


def test_nan_and_infinity_are_turned_down_when_the_stream_says_so() -> None:
    schema = msgspec.structs.replace(SIMPLE, on_missing="reject")
    values = [b'{"cpu": NaN}', b'{"cpu": 1e999}', b'{"cpu": 1, "jobs": NaN}']
    failures = decode(values, None, schema).failures
    assert [failure.message for failure in failures] == [0, 1]
    assert "nan is not finite" in failures[0].reason
    assert "inf is not finite" in failures[1].reason


def test_forms_may_be_mixed_and_are_told_by_their_first_bytes() -> None:
    values = [
        b'{"cpu": 1}',
        arrow(cpu=[2.0, 3.0]),
        encode_record({"cpu": 4.0, "jobs": 5}, SIMPLE),
        b"\x00\x01",
        None,
        b'{"cpu": 6}',
    ]
    decoded = decode(values, None, SIMPLE)
    assert decoded.frame["cpu"].to_list() == [1, 2, 3, 4, 6]
    assert places(decoded.frame) == [(0, 0), (1, 0), (1, 1), (2, 0), (5, 0)]
    assert [failure.message for failure in decoded.failures] == [3, 4]
    assert "neither JSON nor Avro nor Arrow: begins with 00 01" in decoded.failures[0].reason
    assert "empty message" in decoded.failures[1].reason


def test_the_content_type_goes_before_the_first_bytes() -> None:
    [failure] = decode([b'{"cpu": 1}'], "application/avro", SIMPLE).failures
    assert "not Avro" in failure.reason
    forms = ["application/json", "application/vnd.apache.arrow.stream"]
    both = decode([b'{"cpu": 1}', arrow(cpu=[2.0])], forms, SIMPLE)
    assert both.frame["cpu"].to_list() == [1, 2]


def test_rows_of_an_arrow_message_keep_the_numbers_they_came_with() -> None:
    decoded = decode([arrow(cpu=[1.0, 2.0], _row=[7, 3], _other=[0, 0])], None, SIMPLE)
    assert places(decoded.frame) == [(0, 7), (0, 3)]


def test_arrow_messages_with_different_types_do_not_spoil_each_other() -> None:
    values = [arrow(cpu=[0.1, 0.2]), arrow(cpu=["0.3", "x"]), arrow(cpu=[True]), arrow(jobs=[1])]
    decoded = decode(values, None, SIMPLE)
    assert decoded.frame.select("cpu", "jobs").rows() == [(0.1, None), (0.2, None), (0.3, None), (None, 1)]
    assert [(failure.message, failure.row, failure.field) for failure in decoded.failures] == [
        (1, 1, "cpu"),
        (2, 0, "cpu"),
    ]


def test_a_bad_row_among_many_comes_with_itself_alone() -> None:
    times = pl.Series([0, 2**62], dtype=pl.Int64).cast(pl.Datetime("ms"))
    values = [b'{"cpu": "x"}', arrow(cpu=["1", "y", "2", "z"]), arrow(cpu=["w", "3"], at=times)]
    failures = decode(values, None, SIMPLE).failures
    assert [(each.message, each.row, each.record) for each in failures] == [
        (0, 0, None),
        (1, 1, b'{"cpu":"y"}'),
        (1, 3, b'{"cpu":"z"}'),
        (2, 0, b'{"cpu":"w","at":0}'),
    ]
    [failure] = decode([arrow(cpu=["v"], at=times[1:])], None, SIMPLE).failures
    assert failure.record == b'{"cpu":"v","at":%d}' % 2**62


def test_a_reserved_row_column_of_another_type_is_turned_down() -> None:
    [failure] = decode([arrow(cpu=[1.0], _row=["a"])], None, SIMPLE).failures
    assert "'_row' must hold whole numbers" in failure.reason


PIECES = st.sampled_from(
    [
        b'{"cpu": 1}', b'{"cpu": "x"}', b'{"cpu": NaN}', b"", None, b" ", b"{", b"\x00\x01", b"[1]",
        arrow(cpu=[2.0, 3.0]), arrow(cpu=["0.3", "x"]), arrow(cpu=[1.0])[:-9], arrow(jobs=[1]),
        encode_record({"cpu": 4.0, "jobs": 5}, SIMPLE), encode_record({"cpu": 4.0, "jobs": 5}, SIMPLE)[:-1],
    ]
)  # fmt: skip
NAMED = st.sampled_from([None, "application/json", "application/vnd.apache.arrow.stream", "text/plain"])


@given(st.lists(st.tuples(PIECES, NAMED), min_size=1, max_size=12))
def test_what_is_said_of_a_message_does_not_depend_on_those_that_came_with_it(found) -> None:
    values, forms = [value for value, _ in found], [form for _, form in found]
    together = decode(values, forms, SIMPLE)
    rows, failures = [], []
    for place, (value, form) in enumerate(found):
        alone = decode([value], [form], SIMPLE)
        rows += alone.frame.with_columns(pl.lit(place, pl.Int64).alias("_message")).rows()
        failures += [failure._replace(message=place) for failure in alone.failures]
    assert together.failures == failures
    assert repr(together.frame.rows()) == repr(rows)


def test_no_messages_give_an_empty_frame_of_the_right_types() -> None:
    decoded = decode([], None, SCHEMA)
    assert decoded.frame.height == 0
    assert decoded.frame.columns == [*SCHEMA.names, "_message", "_row"]
    assert decoded.frame.schema == decode([b'{"host": "a"}'], None, SCHEMA).frame.schema


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_arrow_message_is_a_failure_and_the_others_go_on(data: st.DataObject) -> None:
    damaged = bytearray(arrow(cpu=[1.5, None, 2.5], host=["a", None, "ccc"]))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(4, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    damaged = damaged[: data.draw(st.integers(4, len(damaged)))]
    decoded = decode([bytes(damaged), arrow(cpu=[9.0])], None, SIMPLE)
    assert decoded.frame.filter(pl.col("_message") == 1)["cpu"].to_list() == [9.0]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([None, "application/json", "application/avro"]))
def test_garbage_is_one_failure_and_never_an_exception(garbage: bytes, content_type: str | None) -> None:
    decoded = decode([garbage], content_type, SIMPLE)
    assert decoded.frame.height + len(decoded.failures) == 1


FIELDS = StreamSchema(
    fields=(
        Field("f"),
        Field("i", "integer"),
        Field("b", "boolean"),
        Field("s", "string"),
        Field("t", "timestamp"),
    )
)
NUMBERS = [
    "1",
    "-0",
    "-0.0",
    "1e5",
    "1e400",
    "1e-400",
    "0.1",
    "123456789012345678901234567890",
    "1.0",
    "NaN",
    "01",
]
OTHERS = [
    '"x"',
    '"1"',
    '"a:b"',
    '"\\u003a"',
    '"é"',
    '"\\ud800"',
    "null",
    "true",
    "[1]",
    '{"a":1}',
    str(2**63),
]
MEMBERS = st.tuples(st.sampled_from("fibst"), st.sampled_from([*NUMBERS, *OTHERS]))
GOOD_ONE = '{"f": 0.1, "i": 3, "b": true, "s": "a:b", "t": "2026-01-01T00:00:00Z"}'


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(MEMBERS, max_size=6), min_size=1, max_size=3), st.sampled_from(["ignore", "reject"]))
def test_few_records_are_read_as_many_are(records, on_extra) -> None:
    schema = msgspec.structs.replace(FIELDS, on_extra=on_extra)
    written = ["{" + ",".join(f'"{name}":{value}' for name, value in record) + "}" for record in records]
    values = [record.encode() for record in [*written, GOOD_ONE]]
    few = decode(values, None, schema)
    padded = decode([*values, *[GOOD_ONE.encode()] * (FEW + 1)], None, schema)
    assert padded.failures == few.failures
    assert repr(padded.frame.head(few.frame.height).rows()) == repr(few.frame.rows())


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20), st.integers(0, 25)
)
def test_numbers_are_the_same_bits_in_a_small_batch_and_in_a_large_one(numbers, digits) -> None:
    values = [b'{"f": %.*e}' % (digits, number) for number in numbers]
    schema = StreamSchema(fields=(Field("f"),))
    few = decode(values, None, schema).frame["f"].to_numpy()
    many = decode(values * (FEW // len(values) + 1), None, schema).frame["f"].to_numpy()
    assert few.tobytes() == many[: len(few)].tobytes()


def test_half_of_a_character_is_told_of() -> None:
    strict = msgspec.structs.replace(FIELDS, on_extra="reject")
    [failure] = decode([b'{"f":1,"i":1,"b":true,"s":"\\ud800","t":1}'], None, strict).failures
    assert failure.reason == "field 's': \\ud800 is half of a character, so this is no text"


@pytest.mark.parametrize(
    ("record", "on_extra"),
    [
        (rb'{"s": "a", "x": "\ud800"}', "ignore"),
        (rb'{"s": "a", "x": {"\udfff": 1}}', "ignore"),
        (rb'{"s": "a", "x": 1, "\ud800": 1}', "reject"),
        (rb'["\ud800"]', "ignore"),
    ],
)
def test_a_reason_can_be_told_whatever_stands_in_a_record(record: bytes, on_extra: Any) -> None:
    """One that cannot be encoded would stop the worker that wants to set the record aside."""
    fields = (Field(name="s", type="string"), Field(name="x", type="float"))
    [failure] = decode([record], "application/json", StreamSchema(fields=fields, on_extra=on_extra)).failures
    assert "\\ud" in failure.reason
    assert f"{failure.reason}{failure.field}".encode()
