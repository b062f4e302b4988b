"""JSON records to a frame: one columnar parse when all are good, a look at each only when one is not."""

import json
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
import polars as pl

from ad_data import reasons
from ad_data.conform import DTYPES
from ad_data.schema import StreamSchema

INT64 = 1 << 63
DIGITS_SHOWN = 200
FEW = 500
RECORD_STARTS = {b"{", b" ", b"\t", b"\r"}
POLARS_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


class Failure(NamedTuple):
    """A record that could not be read: which message, which row in it, why, and the field if it was one.

    `record` is the row by itself, as JSON, where it is one of a message of many.
    """

    message: int
    reason: str
    field: str | None = None
    row: int = 0
    record: bytes | None = None


class Rows(NamedTuple):
    """The good records in order, where each stood among the lines, and the bad ones."""

    frame: pl.DataFrame
    lines: Sequence[int]
    failures: list[Failure]


class _BadRecord(Exception):
    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.field = _sayable(reason), None if field is None else _sayable(field)


def parse_rows(lines: Sequence[bytes], schema: StreamSchema) -> Rows:
    """One JSON object per line; times stay text."""
    frame = _parse(lines, schema)
    if frame is not None:
        return Rows(frame, range(len(lines)), [])
    return _parse_with_failures(lines, schema)


@lru_cache(maxsize=1024)
def _dtypes(schema: StreamSchema) -> dict[str, pl.DataType]:
    return {
        field.name: pl.String() if field.type == "timestamp" else DTYPES[field.type]
        for field in schema.fields
    }


def _parse(lines: Sequence[bytes], schema: StreamSchema) -> pl.DataFrame | None:
    """All lines at once, or None when one of them is not right (polars is strict about types)."""
    if not lines:
        return pl.DataFrame(schema=_dtypes(schema))
    joined = b"\n".join(lines)
    # polars would unpack what begins like gzip, zlib or zstd: a bomb, and no JSON.
    if joined[:1] not in RECORD_STARTS or joined.count(b"\n") != len(lines) - 1:
        return None
    try:
        frame = _few(joined, len(lines), schema) if len(lines) <= FEW else None
        if frame is None:
            if schema.on_extra == "reject":
                _decoder(schema).decode_lines(joined)
            frame = pl.read_ndjson(BytesIO(joined), schema=_dtypes(schema))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, *POLARS_ERRORS):
        return None
    return frame if frame.height == len(lines) else None


def _few(joined: bytes, count: int, schema: StreamSchema) -> pl.DataFrame | None:
    """The same by msgspec, where each record has each field once and text is text; else None.

    Polars reads JSON in a thread of its own: on a busy machine each hand-over waits milliseconds for a processor.
    """
    if b"\\" in joined:
        return None
    try:
        records = _decoder(schema).decode_lines(joined)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if len(records) != count:
        return None
    columns, colons, dtypes = [], joined.count(b":"), _dtypes(schema)
    for field, given in zip(
        schema.fields, zip(*map(msgspec.structs.astuple, records), strict=True), strict=True
    ):
        dtype = dtypes[field.name]
        if dtype == pl.String:
            if not all(type(value) is str for value in given):
                return None
            colons -= sum(value.count(":") for value in given)
        elif None in given:
            return None
        columns.append(pl.Series(field.name, np.array(given) if dtype == pl.Float64 else given, dtype))
    # So many keys there are at most: a field that came twice would mean what the parser likes.
    return pl.DataFrame(columns) if colons == count * len(columns) else None


def _parse_with_failures(lines: Sequence[bytes], schema: StreamSchema) -> Rows:
    good, places, failures = [], [], []
    for place, line in enumerate(lines):
        try:
            good.append(_checked(line, schema))
            places.append(place)
        except _BadRecord as bad:
            failures.append(Failure(place, bad.reason, bad.field))
    frame = _parse(good, schema)
    if frame is None:
        # The two parsers disagree about a line: what counts is what was understood, written anew.
        frame = _parse([_repaired(line, schema) for line in good], schema)
    if frame is None:
        raise RuntimeError("records that were written anew are not readable: a defect of json_rows")
    return Rows(frame, places, failures)


def _checked(line: bytes, schema: StreamSchema) -> bytes:
    """The line, if it is a good record on one line, else the record written anew."""
    try:
        _decoder(schema).decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _repaired(line, schema)
    return line if b"\n" not in line else _repaired(line, schema)


def _repaired(line: bytes, schema: StreamSchema) -> bytes:
    """The record with nothing but the schema's fields, NaN and infinity as null."""
    record = _loads(line)
    if schema.on_extra == "reject":
        for name in record:
            if name not in schema.names:
                raise _BadRecord(reasons.unknown_field(name, schema.names), name)
    values = {}
    for field in schema.fields:
        value = record.get(field.name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if field.type in {"float", "integer", "timestamp"} and number and not _is_finite(value):
            if schema.on_missing == "reject" and field.required:
                raise _BadRecord(reasons.not_finite(field.name, float(str(value)[:DIGITS_SHOWN])), field.name)
            value = None
        values[field.name] = None if value is None else _value(value, field.name, field.type)
    return json.dumps(values).encode()


def _is_finite(value: Any) -> bool:
    try:
        return -float("inf") < float(value) < float("inf")
    except OverflowError:
        return False


def _value(value: Any, name: str, kind: str) -> Any:
    """The value as its field takes it."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "float" and number:
        return float(value)
    if kind == "integer" and number and value == int(value) and -INT64 <= value < INT64:
        return int(value)
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "timestamp" and (number or isinstance(value, str)):
        return _text(value, name) if isinstance(value, str) else repr(value)
    if kind == "string":
        return _text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), name)
    raise _BadRecord(reasons.wrong_type(name, kind, value), name)


def _text(value: str, name: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        found = f"\\u{ord(value[error.start]):04x}"
        raise _BadRecord(
            f"field {name!r}: {found} is half of a character, so this is no text", name
        ) from error
    return value


def _sayable(text: str) -> str:
    """JSON can escape half of a character, which no answer, event or database takes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _loads(line: bytes) -> dict[str, Any]:
    """Python's own parser, because it knows NaN and Infinity."""
    try:
        record = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise _BadRecord(f"not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise _BadRecord("not JSON: nested too deep") from error
    except ValueError as error:
        raise _BadRecord(
            f"not JSON: {error}" if line.strip() else "empty: a JSON object belongs here"
        ) from error
    if not isinstance(record, dict):
        raise _BadRecord(f"{reasons.shown(record)} stands where a JSON object belongs")
    return record


KINDS: dict[str, Any] = {
    "float": float | None,
    "integer": Annotated[int, msgspec.Meta(ge=-INT64, le=INT64 - 1)] | None,
    "boolean": bool | None,
    "string": str | int | float | bool | None,
    "timestamp": str | int | float | None,
}


@lru_cache(maxsize=1024)
def _decoder(schema: StreamSchema) -> msgspec.json.Decoder[Any]:
    """Knows exactly which records the schema takes."""
    names = {f"f{position}": field.name for position, field in enumerate(schema.fields)}
    record = msgspec.defstruct(
        "Record",
        [(name, KINDS[field.type], None) for name, field in zip(names, schema.fields, strict=True)],
        rename=names,
        forbid_unknown_fields=schema.on_extra == "reject",
        gc=False,
    )
    return msgspec.json.Decoder(record)
