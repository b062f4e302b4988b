import gzip
import io
import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_data.body import Body, read_body
from ad_data.errors import ReadError, UnsupportedFormatError
from ad_data.schema import Field, StreamSchema

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"
PARQUET, ARROW = "application/vnd.apache.parquet", "application/vnd.apache.arrow.stream"
SCHEMA = StreamSchema(fields=(Field("cpu"), Field("host", "string", required=False)))


def binary(form: str, frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    if form == PARQUET:
        frame.write_parquet(buffer)
    else:
        frame.write_ipc_stream(buffer)
    return buffer.getvalue()


class Case(NamedTuple):
    form: str
    data: bytes
    cpu: list[float | None]
    bad: dict[int, tuple[str, bytes]] = {}  # noqa: RUF012 - only read


@pytest.mark.parametrize(
    "case",
    [
        Case(JSON, b'{"cpu": 1}', [1]),
        Case(JSON, b' [{"cpu": 1}, {"cpu": 2}] ', [1, 2]),
        Case(JSON, b'{"records": [{"cpu": 1}]}', [1]),
        Case(JSON, b'{"data": [{"cpu": 1}]}', [1]),
        Case(JSON + "; charset=utf-8", b'{"cpu": 1}', [1]),
        Case(JSON, b'[{"cpu": 1}, {"cpu": "x"}, 5]', [1],
             {1: ("stands where a number", b'{"cpu": "x"}'), 2: ("5 stands where a JSON object", b"5")}),
        Case(JSON, b'[{"cpu": NaN}, {"cpu": -Infinity}, {"cpu": 3}]', [None, None, 3]),
        Case(JSON, b'[{"cpu": 1e999}, {"cpu": 3}]', [None, 3]),
        Case(JSON, b"[]", []),
        Case(NDJSON, b'{"cpu": 1}\n\n{"cpu": 2}\r\n', [1, 2]),
        Case(NDJSON, b'{"cpu": 1}\n{"cpu": \n{"cpu": 3}', [1, 3], {1: ("not JSON", b'{"cpu": ')}),
        Case(NDJSON, b'{"cpu": NaN}\n{"cpu": 1}', [None, 1]),
        Case(CSV, b"cpu,host\n1,a\n2,007\n", [1, 2]),
        Case(CSV, b"\xef\xbb\xbfcpu;host\n1;a\n;b\nnan;c\n", [1, None, None]),
        Case(CSV, b"cpu,host\n1,a\n2,b,c\n3\n", [1, 3], {1: ("3 values in a line, the header has 2", b"2,b,c")}),
        Case(PARQUET, binary(PARQUET, pl.DataFrame({"cpu": [1.0, None]})), [1, None]),
        Case(ARROW, binary(ARROW, pl.DataFrame({"cpu": [1.0, 2.0], "_row": [5, 5]})), [1, 2]),
    ],
    ids=lambda case: f"{case.form.split('/')[1]} {case.data[:30]!r}",
)  # fmt: skip
def test_every_form_gives_the_good_records_and_keeps_the_bad_ones(case: Case) -> None:
    body = read_body(case.data, case.form, SCHEMA)
    assert body.frame["cpu"].to_list() == case.cpu
    assert body.total == len(case.cpu) + len(case.bad)
    assert body.rows.tolist() == [place for place in range(body.total) if place not in case.bad]
    assert [failure.row for failure in body.failures] == list(case.bad)
    for failure in body.failures:
        said, raw = case.bad[failure.row]
        assert said in failure.reason
        assert body.raw(failure.row) == raw


@pytest.mark.parametrize(
    ("form", "data", "said"),
    [
        (JSON, b"", "empty"),
        (JSON, b'{"cpu": 1', "malformed JSON"),
        (JSON, b'[{"cpu": 1}', "malformed JSON"),
        (JSON, b"5", "malformed JSON: an object"),
        (JSON, b'"\xff"', "not UTF-8"),
        (JSON, b"[" * 100_000, "nested too deep"),
        (NDJSON, b" \n ", "empty"),
        (CSV, b"", "empty"),
        (CSV, b"\xef\xbb\xbf", "empty"),
        (CSV, b"a,b\n\x00\x01", "it is binary"),
        (CSV, b"a,b\n\xff,1", "not UTF-8 at byte 4"),
        (PARQUET, b"PAR1 and no more", "not readable as Parquet"),
        (ARROW, b"cpu\n1\n", "not readable as Arrow"),
    ],
)
def test_a_body_that_is_malformed_as_a_whole_is_refused(form: str, data: bytes, said: str) -> None:
    with pytest.raises(ReadError, match=said):
        read_body(data, form, SCHEMA)


@pytest.mark.parametrize("form", ["text/xml", "", None, "application/octet-stream"])
def test_another_content_type_is_refused_with_the_known_ones(form: str | None) -> None:
    with pytest.raises(UnsupportedFormatError, match="application/json, application/x-ndjson, text/csv"):
        read_body(b"{}", form)


def test_without_a_schema_types_are_what_most_records_say() -> None:
    data = b'[{"cpu": 1, "host": "a", "ts": "2024-01-01"}, {"cpu": "oops"}, {"cpu": 2.5, "up": true}, {"cpu": 3}]'
    body = read_body(data, JSON)
    assert dict(body.frame.schema) == {
        "cpu": pl.Float64, "host": pl.String, "ts": pl.String, "up": pl.Boolean,
    }  # fmt: skip
    assert [failure.row for failure in body.failures] == [1]


def test_without_a_schema_there_must_be_a_record_to_learn_from() -> None:
    for data in (b"[]", b"[1, 2]", b"[{}]"):
        with pytest.raises(ReadError):
            read_body(data, JSON)


def test_a_record_of_a_binary_form_is_kept_as_json() -> None:
    body = read_body(binary(PARQUET, pl.DataFrame({"cpu": ["x"], "host": ["a"]})), PARQUET, SCHEMA)
    assert json.loads(body.raw(0)) == {"cpu": "x", "host": "a"}


def test_text_of_a_csv_stays_text_where_the_stream_has_text() -> None:
    assert read_body(b"cpu,host\n1,007\n", CSV, SCHEMA).frame["host"].to_list() == ["007"]


@pytest.mark.parametrize("form", [JSON, NDJSON, CSV])
@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, lambda data: zlib.compress(data, 1)])
def test_a_packed_body_is_never_unpacked(form: str, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(b'{"cpu": 1}\n' * 1000 if form != CSV else b"cpu\n" + b"1\n" * 1000)
    try:
        body = read_body(bomb, form, SCHEMA)
    except ReadError:
        return
    assert body.frame.height < 10


def test_a_header_that_begins_like_a_packed_file_is_still_a_header() -> None:
    assert read_body(b"x^2,cpu\n1,2\n", CSV).frame.columns == ["x^2", "cpu"]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100), st.sampled_from([JSON, NDJSON, CSV, PARQUET, ARROW]))
def test_garbage_is_refused_or_read_and_nothing_else(data: bytes, form: str) -> None:
    try:
        body = read_body(data, form, SCHEMA)
    except ReadError:
        return
    assert isinstance(body, Body)
    assert body.frame.height + len(body.failures) == body.total


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_binary_body_is_refused_or_read_and_nothing_else(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from([PARQUET, ARROW]))
    damaged = bytearray(binary(form, pl.DataFrame({"cpu": [1.5, None], "host": ["a", "b"]})))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        body = read_body(bytes(damaged), form, SCHEMA)
    except ReadError:
        return
    assert isinstance(body.total, int)


@given(st.lists(st.fixed_dictionaries({"cpu": st.floats(allow_nan=False, allow_infinity=False)}), min_size=1))
def test_all_forms_of_json_give_the_same_frame(records: list[dict[str, Any]]) -> None:
    array = read_body(json.dumps(records).encode(), JSON, SCHEMA).frame
    wrapped = read_body(msgspec.json.encode({"records": records}), JSON, SCHEMA).frame
    lines = read_body("\n".join(map(json.dumps, records)).encode(), NDJSON, SCHEMA).frame
    assert array.equals(lines)
    assert array.equals(wrapped)
    assert array["cpu"].to_list() == [record["cpu"] for record in records]


# What stands for NumPy in Polars until it is used is replaced by NumPy itself, which is not safe among threads.
TAKEN_UP = """
import polars
import ad_data.{module}
import numpy
from polars import _dependencies
assert _dependencies.numpy is numpy
"""


@pytest.mark.parametrize("module", ["body", "decode", "validate"])
def test_polars_has_taken_numpy_up_before_any_thread_gives_it_an_array(module: str) -> None:
    code = TAKEN_UP.format(module=module)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
