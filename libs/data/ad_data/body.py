"""Bodies of REST requests to frames, with what a bad record needs to be told and kept."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_data.arrow import read_arrow, read_parquet
from ad_data.csv_text import read_csv
from ad_data.errors import ReadError, UnsupportedFormatError
from ad_data.json_rows import Failure, parse_rows
from ad_data.json_sample import sampled_schema
from ad_data.schema import StreamSchema

RECORDS_KEYS = ("records", "data")


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it was read.

    `frame` holds the readable records in order; `rows[i]` is the place in the body of row i of the frame.
    `failures` are the records that could not be read (`failure.row` is the place in the body), `raw(place)`
    the bytes of a record, or the same as JSON when the form is binary. `total` counts all records.
    """

    frame: pl.DataFrame
    rows: NDArray[np.int64]
    failures: list[Failure]
    total: int
    raw: Callable[[int], bytes]


def read_body(data: bytes, content_type: str | None, schema: StreamSchema | None = None) -> Body:
    """Without a schema, types are inferred from the records.

    Raises
    ------
    UnsupportedFormatError
        The content type is none of ours: the message lists those there are.
    ReadError
        The body as a whole is not what its content type says.
    """
    named = (content_type or "").split(";")[0].strip().lower()
    reader = READERS.get(named)
    if reader is None:
        raise UnsupportedFormatError(f"content type {named or 'missing'!r}: send one of {', '.join(READERS)}")
    return reader(data, schema)


def json_lines(data: bytes) -> list[bytes]:
    """The records of a JSON document: one object, an array, or {"records": [...]}, each as its own bytes."""
    if not data.strip():
        raise ReadError("empty: a JSON object, an array of objects, or NDJSON belongs here")
    try:
        records = _array(data)
        return [data] if records is None else [bytes(record) for record in records]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _tolerant_lines(data)


def _array(data: bytes) -> list[msgspec.Raw] | None:
    """The elements, untouched; None when the document is itself the record."""
    raw = list[msgspec.Raw]
    if data.lstrip()[:1] == b"[":
        return msgspec.json.decode(data, type=raw)
    members = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    if len(members) == 1 and (key := next(iter(members))) in RECORDS_KEYS:
        inner = bytes(members[key]).strip()
        return msgspec.json.decode(inner, type=raw) if inner[:1] == b"[" else None
    return None


def _tolerant_lines(data: bytes) -> list[bytes]:
    """Python's own parser knows NaN and Infinity; what it does not read either is malformed."""
    try:
        document: Any = json.loads(data.decode())
    except UnicodeDecodeError as error:
        raise ReadError(f"malformed JSON: not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise ReadError("malformed JSON: nested too deep") from error
    except ValueError as error:
        raise ReadError(f"malformed JSON: {error}") from error
    if isinstance(document, dict) and len(document) == 1:
        key, inner = next(iter(document.items()))
        document = inner if key in RECORDS_KEYS and isinstance(inner, list) else document
    if not isinstance(document, list | dict):
        raise ReadError('malformed JSON: an object, an array of objects or {"records": [...]} belongs here')
    records = document if isinstance(document, list) else [document]
    return [json.dumps(record).encode() for record in records]


def lines_body(lines: Sequence[bytes], schema: StreamSchema | None) -> Body:
    rows = parse_rows(lines, schema or sampled_schema(lines))
    failures = [failure._replace(message=0, row=failure.message) for failure in rows.failures]
    return Body(rows.frame, np.asarray(rows.lines, dtype=np.int64), failures, len(lines), lines.__getitem__)


def _json(data: bytes, schema: StreamSchema | None) -> Body:
    return lines_body(json_lines(data), schema)


def _ndjson(data: bytes, schema: StreamSchema | None) -> Body:
    lines = [line for line in data.split(b"\n") if line.strip()]
    if not lines:
        raise ReadError("empty: one JSON object per line belongs here")
    return lines_body(lines, schema)


def _csv(data: bytes, schema: StreamSchema | None) -> Body:
    texts = [field.name for field in schema.fields if field.type in {"string", "timestamp"}] if schema else []
    parsed = read_csv(data, texts)
    bad = {line.row: line for line in parsed.bad}
    failures = [Failure(0, line.reason, None, line.row) for line in parsed.bad]
    rows = np.asarray(parsed.rows, dtype=np.int64)
    frame = _without_reserved(parsed.frame)

    def raw(place: int) -> bytes:
        return bad[place].raw if place in bad else _as_json(frame, int(np.searchsorted(rows, place)))

    return Body(frame, rows, failures, len(rows) + len(bad), raw)


def _table(frame: pl.DataFrame) -> Body:
    frame = _without_reserved(frame)
    rows = np.arange(frame.height, dtype=np.int64)
    return Body(frame, rows, [], frame.height, lambda place: _as_json(frame, place))


def _without_reserved(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(name for name in frame.columns if not name.startswith("_"))


def _as_json(frame: pl.DataFrame, row: int) -> bytes:
    return json.dumps(frame.row(row, named=True), default=str, ensure_ascii=False).encode()


READERS: dict[str, Callable[[bytes, StreamSchema | None], Body]] = {
    "application/json": _json,
    "application/x-ndjson": _ndjson,
    "text/csv": _csv,
    "application/vnd.apache.parquet": lambda data, _schema: _table(read_parquet(data)),
    "application/vnd.apache.arrow.stream": lambda data, _schema: _table(read_arrow(data)),
    "application/vnd.apache.arrow.file": lambda data, _schema: _table(read_arrow(data)),
}
