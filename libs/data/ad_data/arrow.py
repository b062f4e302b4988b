"""Arrow and Parquet bytes to frames, by pyarrow: polars' own readers may abort the process on garbage."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ad_data.errors import ReadError

STREAM_MARKER = b"\xff\xff\xff\xff"
FILE_MARKER = b"ARROW1"


def read_arrow(data: bytes) -> pl.DataFrame:
    """An IPC stream or an IPC file."""
    opener = pa.ipc.open_file if data.startswith(FILE_MARKER) else pa.ipc.open_stream
    return _frame(lambda: opener(pa.py_buffer(data)).read_all(), "Arrow IPC")


def read_parquet(data: bytes) -> pl.DataFrame:
    return _frame(lambda: pq.read_table(pa.BufferReader(data)), "Parquet")


def _frame(read: Callable[[], Any], form: str) -> pl.DataFrame:
    try:
        table = read()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise ReadError(f"not readable as {form}: {_first_line(error)}") from error
    _check_types(table.schema, form)
    try:
        frame = pl.from_arrow(table)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, TypeError) as error:
        raise ReadError(f"not readable as {form}: {_first_line(error)}") from error
    if not isinstance(frame, pl.DataFrame):
        raise ReadError(f"not readable as {form}: not a table")
    return frame


def _check_types(schema: Any, form: str) -> None:
    names = schema.names
    for name in names:
        if names.count(name) > 1:
            raise ReadError(f"{form}: column {name!r} stands twice")
    for field in schema:
        if not _is_plain(field.type):
            kinds = "numbers, booleans, text and times can be read"
            raise ReadError(f"{form}: column {field.name!r} is {str(field.type)[:60]}, only {kinds}")


def _is_plain(kind: Any) -> bool:
    types = pa.types
    if types.is_dictionary(kind):
        return types.is_integer(kind.index_type) and _is_text(kind.value_type)
    return any(
        test(kind)
        for test in (
            types.is_integer,
            types.is_floating,
            types.is_boolean,
            types.is_decimal,
            types.is_null,
            types.is_timestamp,
            types.is_date,
            _is_text,
        )
    )


def _is_text(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
