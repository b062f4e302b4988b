"""Arrow and Parquet bytes to frames, by pyarrow: polars' own readers may abort the process on garbage."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ad_data.errors import ReadError

STREAM_MARKER = b"\xff\xff\xff\xff"
FILE_MARKER = b"ARROW1"


class Alike(NamedTuple):
    """Messages of one schema, one below the other: their places, and how many rows each has."""

    frame: pl.DataFrame
    places: Sequence[int]
    heights: Sequence[int]


def read_arrow(data: bytes) -> pl.DataFrame:
    """An IPC stream or an IPC file."""
    return frame_of(_arrow_table(data), "Arrow IPC")


def read_arrow_messages(messages: Sequence[bytes]) -> tuple[list[Alike], dict[int, ReadError]]:
    """Many at once, those of one schema in one frame; and by their places those that cannot be read."""
    tables: dict[Any, list[tuple[int, Any]]] = {}
    errors: dict[int, ReadError] = {}
    for place, data in enumerate(messages):
        try:
            table = _arrow_table(data)
        except ReadError as error:
            errors[place] = error
        else:
            tables.setdefault(table.schema, []).append((place, table))
    found = []
    for together in tables.values():
        try:
            found.append(_alike(together))
        except ReadError:
            # One of them cannot be converted: each by itself.
            for each in together:
                try:
                    found.append(_alike([each]))
                except ReadError as error:
                    errors[each[0]] = error
    return found, errors


def read_parquet(data: bytes) -> pl.DataFrame:
    return frame_of(_table(lambda: pq.read_table(pa.BufferReader(data)), "Parquet"), "Parquet")


def _alike(tables: Sequence[tuple[int, Any]]) -> Alike:
    places, several = zip(*tables, strict=True)
    frame = frame_of(pa.concat_tables(several).unify_dictionaries(), "Arrow IPC")
    return Alike(frame, places, [table.num_rows for table in several])


def _arrow_table(data: bytes) -> Any:
    opener = pa.ipc.open_file if data.startswith(FILE_MARKER) else pa.ipc.open_stream
    return _table(lambda: opener(pa.py_buffer(data)).read_all(), "Arrow IPC")


def _table(read: Callable[[], Any], form: str) -> Any:
    try:
        table = read()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise ReadError(f"not readable as {form}: {_first_line(error)}") from error
    return table


def frame_of(table: Any, form: str) -> pl.DataFrame:
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
