"""Rows that came with a request, as a table of numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ad_training.domain.requests import InvalidRequest, chosen_columns

Row = Mapping[str, Any]
WHERE = "the data"
# With fewer rows every threshold is the score of a single one of them.
MINIMUM_ROWS = 10


def too_few(rows: int) -> str | None:
    """Why a model cannot be trained on so few rows, or None when it can."""
    if rows >= MINIMUM_ROWS:
        return None
    found = f"{rows} row{'' if rows == 1 else 's'}"
    return f"{found} cannot say what is normal; a model needs at least {MINIMUM_ROWS}"


def table_of(rows: Sequence[Row], wanted: Sequence[str] | None = None) -> pl.DataFrame:
    """Float64 columns, null where a value is missing. Columns without any number are left out unless wanted.

    A text among numbers is an error that names its place: silently missing, it would change the model.
    """
    if not rows:
        raise InvalidRequest("source.data", f"the data is empty; give at least {MINIMUM_ROWS} rows")
    names = list(dict.fromkeys(name for row in rows for name in row))
    numeric = [name for name in names if any(_is_number(row.get(name)) for row in rows)]
    columns = chosen_columns(wanted, numeric, WHERE)
    table = pl.DataFrame([_column(rows, name) for name in columns])
    if reason := too_few(table.height):
        raise InvalidRequest("source.data", reason)
    return table


def _column(rows: Sequence[Row], name: str) -> pl.Series:
    values = [row.get(name) for row in rows]
    bad = next(
        (place for place, value in enumerate(values) if not (value is None or _is_number(value))), None
    )
    if bad is not None:
        raise InvalidRequest(f"source.data.{bad}.{name}", f"{values[bad]!r}"[:100] + " is not a number")
    return pl.Series(name, [_as_float(value) for value in values], dtype=pl.Float64)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _as_float(value: Any) -> float | None:
    if value is None:
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
