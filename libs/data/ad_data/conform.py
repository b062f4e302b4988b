"""Brings the columns of a frame to the types of a schema, and says which cells do not fit."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from ad_data import reasons, timestamps
from ad_data.schema import Field, StreamSchema

# Polars takes NumPy up at its first use, and of threads that come first at the same time all but one get a TypeError.
# So the first use is here, while one thread imports this.
pl.Series(np.empty(0))

DTYPES: dict[str, pl.DataType] = {
    "float": pl.Float64(),
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
    "string": pl.String(),
    "timestamp": timestamps.TIME,
}
INT64_LIMIT = 2.0**63
TRUTHS = {"true": True, "false": False, "1": True, "0": False}


class Problem(NamedTuple):
    """Rows that cannot be taken because of one field."""

    field: str
    mask: pl.Series
    reason: Callable[[int], str]


class Conformed(NamedTuple):
    """All rows: the schema's columns (cells that do not fit are null), then the columns that begin with _."""

    frame: pl.DataFrame
    problems: list[Problem]


def conform(frame: pl.DataFrame, schema: StreamSchema) -> Conformed:
    """NaN and infinity stay: whether they are welcome is a question for `validate`."""
    columns, problems = [], []
    found = dict(zip(frame.columns, frame.get_columns(), strict=True))
    for field in schema.fields:
        given = found.get(field.name)
        column = _convert(given, field, frame.height)
        if field.type == "timestamp":
            column = timestamps.bounded(column)
        columns.append(column)
        if given is not None and given is not column and column.null_count() != given.null_count():
            mask = column.is_null() & given.is_not_null() & ~_blank(given)
            if mask.any():
                problems.append(Problem(field.name, mask, _wrong(field, given)))
    if schema.on_extra == "reject":
        problems += _extras(frame, schema)
    reserved = [column for name, column in found.items() if name.startswith("_")]
    return Conformed(pl.DataFrame([*columns, *reserved]), problems)


def _convert(given: pl.Series | None, field: Field, height: int) -> pl.Series:
    dtype = DTYPES[field.type]
    if given is None or given.dtype == pl.Null:
        return pl.Series(field.name, [None], dtype).new_from_index(0, height)
    if given.dtype == dtype:
        return given
    if isinstance(given.dtype, pl.Categorical | pl.Enum):
        given = given.cast(pl.String)
    converted = CONVERTERS[field.type](given)
    return pl.Series(field.name, [None], dtype).new_from_index(0, height) if converted is None else converted


def _to_float(given: pl.Series) -> pl.Series | None:
    if given.dtype == pl.String:
        return given.str.strip_chars().cast(pl.Float64, strict=False)
    return given.cast(pl.Float64) if given.dtype.is_numeric() else None


def _to_integer(given: pl.Series) -> pl.Series | None:
    if given.dtype == pl.String:
        return given.str.strip_chars().cast(pl.Int64, strict=False)
    if given.dtype.is_float():
        whole = (given == given.round()) & (given.abs() < INT64_LIMIT)
        return given.set(~whole.fill_null(value=False), None).cast(pl.Int64)
    return given.cast(pl.Int64, strict=False) if given.dtype.is_numeric() else None


def _to_boolean(given: pl.Series) -> pl.Series | None:
    if given.dtype == pl.String or given.dtype.is_integer():
        text = given.cast(pl.String).str.strip_chars().str.to_lowercase()
        return text.replace_strict(TRUTHS, default=None, return_dtype=pl.Boolean)
    return None


def _to_string(given: pl.Series) -> pl.Series | None:
    if given.dtype.is_nested() or given.dtype in {pl.Binary, pl.Object}:
        return None
    return given.cast(pl.String)


def _to_timestamp(given: pl.Series) -> pl.Series | None:
    if given.dtype == pl.String:
        return timestamps.from_text(given)
    if isinstance(given.dtype, pl.Datetime):
        return (given if given.dtype.time_zone else given.dt.replace_time_zone("UTC")).cast(timestamps.TIME)
    if given.dtype == pl.Date:
        return given.cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    return timestamps.from_numbers(given) if given.dtype.is_numeric() else None


CONVERTERS: dict[str, Callable[[pl.Series], pl.Series | None]] = {
    "float": _to_float,
    "integer": _to_integer,
    "boolean": _to_boolean,
    "string": _to_string,
    "timestamp": _to_timestamp,
}


def _blank(given: pl.Series) -> pl.Series:
    """Cells that say nothing: empty text, and NaN or infinity, which whole numbers and times cannot hold."""
    if given.dtype == pl.String:
        return given.str.strip_chars() == ""
    if given.dtype.is_float():
        return ~given.is_finite()
    return pl.Series([False]).new_from_index(0, given.len())


def _wrong(field: Field, given: pl.Series) -> Callable[[int], str]:
    def reason(row: int) -> str:
        cell = given.slice(row, 1)
        # A damaged time may lie where Python has no dates: shown as the number that it is.
        value: Any = (cell.to_physical() if cell.dtype.is_temporal() else cell)[0]
        shown = value.to_list() if isinstance(value, pl.Series) else value
        return reasons.wrong_type(field.name, field.type, shown)

    return reason


def _extras(frame: pl.DataFrame, schema: StreamSchema) -> list[Problem]:
    known = schema.names
    names = [name for name in frame.columns if name not in known and not name.startswith("_")]
    return [
        Problem(name, frame[name].is_not_null(), _unknown(name, known))
        for name in names
        if frame[name].null_count() < frame.height
    ]


def _unknown(name: str, known: tuple[str, ...]) -> Callable[[int], str]:
    return lambda _row: reasons.unknown_field(name, known)
