"""Which records of a frame a stream takes, and why not the others; whole columns at once."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_data import reasons
from ad_data.conform import Problem, conform
from ad_data.schema import Field, StreamSchema


class Reject(NamedTuple):
    """A record that was not taken: its row in the frame, the reason, the field."""

    row: int
    reason: str
    field: str | None


class Validated(NamedTuple):
    """The good records in their order (types of the schema, null = missing), their rows, and the bad ones."""

    frame: pl.DataFrame
    rows: NDArray[np.int64]
    rejects: list[Reject]


def validate(frame: pl.DataFrame, schema: StreamSchema, now_ms: int | pl.Series) -> Validated:
    """Columns that begin with an underscore are carried along; others that the schema lacks are left out."""
    typed, problems = conform(frame, schema)
    return _judged(typed, problems, schema, now_ms)


def validate_typed(typed: pl.DataFrame, schema: StreamSchema, now_ms: int | pl.Series) -> Validated:
    """The same of a frame that has the types of the schema already, as `decode` gives it."""
    return _judged(typed, [], schema, now_ms)


def _judged(
    typed: pl.DataFrame, problems: list[Problem], schema: StreamSchema, now_ms: int | pl.Series
) -> Validated:
    problems = [*problems, *_missing(typed, problems, schema), *_time(typed, schema, now_ms)]
    unclean = _holding_non_finite(typed, schema)
    if unclean:
        typed = typed.with_columns(pl.when(pl.col(name).is_finite()).then(pl.col(name)) for name in unclean)
    rejects = _first_of_each_row(problems)
    rows = np.arange(typed.height, dtype=np.int64)
    if rejects:
        keep = np.ones(typed.height, dtype=np.bool_)
        keep[[reject.row for reject in rejects]] = False
        typed, rows = typed.filter(pl.Series(keep)), rows[keep]
    return Validated(typed, rows, rejects)


def _holding_non_finite(typed: pl.DataFrame, schema: StreamSchema) -> list[str]:
    floats = [field.name for field in schema.fields if field.type == "float"]
    return [name for name in floats if not _all_finite(typed[name])]


def _all_finite(column: pl.Series) -> bool:
    """By numpy: each operation of polars costs 50 µs before it begins."""
    if column.null_count():
        column = column.drop_nulls()
    return bool(np.isfinite(column.to_numpy()).all())


def _missing(typed: pl.DataFrame, known: list[Problem], schema: StreamSchema) -> Iterator[Problem]:
    wrong = {problem.field: problem.mask for problem in known}
    for field in schema.fields:
        if not _is_needed(field, schema):
            continue
        column = typed[field.name]
        if field.type == "float" and not column.null_count() and _all_finite(column):
            continue
        mask = column.is_null()
        if field.type == "float":
            mask |= ~column.is_finite().fill_null(value=True)
        if field.name == schema.entity and field.type == "string":
            mask |= (column == "").fill_null(value=False)
        if field.name in wrong:
            mask &= ~wrong[field.name]
        if mask.any():
            yield Problem(field.name, mask, _absent(field, column))


def _is_needed(field: Field, schema: StreamSchema) -> bool:
    if field.name == schema.entity:
        return True
    return field.required and (schema.on_missing == "reject" or field.name == schema.timestamp)


def _absent(field: Field, column: pl.Series) -> Callable[[int], str]:
    def reason(row: int) -> str:
        value = column[row]
        if isinstance(value, float):
            return reasons.not_finite(field.name, value)
        return reasons.missing(field.name, field.type)

    return reason


def _time(typed: pl.DataFrame, schema: StreamSchema, now_ms: int | pl.Series) -> Iterator[Problem]:
    if schema.timestamp is None:
        return
    name = schema.timestamp
    age = (now_ms - typed[name].dt.epoch("ms")) / 1000
    limits = (("old", 1, schema.max_age_seconds), ("ahead", -1, schema.max_future_seconds))
    for word, sign, limit in limits:
        if limit is not None and (mask := (age * sign > limit).fill_null(value=False)).any():
            yield Problem(name, mask, _late(typed[name], age * sign, word, limit))


def _late(column: pl.Series, seconds: pl.Series, word: str, limit: float) -> Callable[[int], str]:
    def reason(row: int) -> str:
        when = column[row].isoformat().replace("+00:00", "Z")
        how = f"{seconds[row]:.0f} s {word}, the stream takes at most {limit:g} s"
        return f"field {column.name!r}: {when} is {how}"

    return reason


def _first_of_each_row(problems: list[Problem]) -> list[Reject]:
    found: dict[int, Reject] = {}
    for problem in problems:
        for row in problem.mask.arg_true().to_list():
            if row not in found:
                found[row] = Reject(row, problem.reason(row), problem.field)
    return [found[row] for row in sorted(found)]
