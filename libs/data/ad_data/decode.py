"""Messages of a data topic to one frame: JSON records, Avro records or Arrow batches, also mixed."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from ad_data.arrow import Alike, read_arrow_messages
from ad_data.avro import parse_avro
from ad_data.conform import Problem, conform
from ad_data.forms import Form, form_of
from ad_data.json_rows import Failure, Rows, parse_rows
from ad_data.schema import StreamSchema

DATED = (pl.Datetime, pl.Date)
ContentTypes = str | None | Sequence[str | None]


class Decoded(NamedTuple):
    """Records in order of message and row, with the columns `_message` and `_row`; and what was not readable.

    The columns have the types of the schema. NaN and infinity stay as they came: `validate` decides.
    """

    frame: pl.DataFrame
    failures: list[Failure]


class _Part(NamedTuple):
    frame: pl.DataFrame
    failures: list[Failure]


def decode(values: Sequence[bytes | None], content_type: ContentTypes, schema: StreamSchema) -> Decoded:
    """`content_type` is that of all messages, or one for each; without one, the first bytes tell."""
    parts = list(_parts(values, content_type, schema))
    failures = [failure for part in parts for failure in part.failures]
    failures.sort(key=lambda failure: (failure.message, failure.row))
    frames = [part.frame for part in parts if part.frame.height]
    frame = pl.concat(frames) if len(frames) > 1 else frames[0] if frames else _empty(schema)
    if len(frames) > 1:
        frame = frame.sort("_message", maintain_order=True)
    return Decoded(frame, failures)


def _parts(
    values: Sequence[bytes | None], content_type: ContentTypes, schema: StreamSchema
) -> Iterator[_Part]:
    for form, places in _by_form(values, content_type).items():
        some = values if len(places) == len(values) else [values[place] for place in places]
        present = [value or b"" for value in some]
        if form == "json":
            yield _records(parse_rows(present, schema), places, schema)
        elif form == "avro":
            yield _records(parse_avro(present, schema), places, schema)
        elif form == "arrow":
            yield from _arrow(present, places, schema)
        else:
            yield _Part(_empty(schema), [_unknown(values[place], place) for place in places])


def _by_form(values: Sequence[bytes | None], content_type: ContentTypes) -> dict[Form | None, Sequence[int]]:
    one = content_type if isinstance(content_type, str | None) else _only(content_type)
    if isinstance(content_type, str | None) or one is not None:
        # The usual case costs no call per message: all begin alike, or all have one content type.
        starts = {(value or b"")[:6] for value in values}
        forms = {form_of(start, one) if start else None for start in starts}
        if len(forms) == 1:
            return {forms.pop(): range(len(values))}
    each = [content_type] * len(values) if isinstance(content_type, str | None) else content_type
    found: dict[Form | None, list[int]] = {}
    for place, (value, named) in enumerate(zip(values, each, strict=True)):
        found.setdefault(form_of(value, named) if value else None, []).append(place)
    return dict(found)


def _only(content_types: Sequence[str | None]) -> str | None:
    distinct = set(content_types)
    return distinct.pop() if len(distinct) == 1 else None


def _records(rows: Rows, places: Sequence[int], schema: StreamSchema) -> _Part:
    """One record per message."""
    where = np.asarray(places, dtype=np.int64)
    messages = pl.Series("_message", where[np.asarray(rows.lines, dtype=np.int64)], pl.Int64)
    rows_in_message = pl.Series("_row", np.zeros(len(messages), dtype=np.int64))
    part = _conformed(rows.frame.hstack([messages, rows_in_message]), schema)
    failed = [failure._replace(message=places[failure.message]) for failure in rows.failures]
    return _Part(part.frame, failed + part.failures)


def _arrow(values: Sequence[bytes], places: Sequence[int], schema: StreamSchema) -> Iterator[_Part]:
    found, errors = read_arrow_messages(values)
    yield _Part(_empty(schema), [Failure(places[place], str(error)) for place, error in errors.items()])
    for alike in found:
        frame, failures = _numbered(alike, places)
        part = _conformed(frame, schema, many=True)
        yield _Part(part.frame, failures + part.failures)


def _numbered(alike: Alike, places: Sequence[int]) -> tuple[pl.DataFrame, list[Failure]]:
    """`_row` as the messages have it (rows of the body that they were part of), else counted in each."""
    columns = alike.frame.get_columns()
    heights = np.asarray(alike.heights, dtype=np.int64)
    messages = np.repeat(np.asarray([places[place] for place in alike.places], dtype=np.int64), heights)
    rows = np.arange(alike.frame.height) - np.repeat(np.cumsum(heights) - heights, heights)
    given = next((column for column in columns if column.name == "_row"), None)
    wrong = np.zeros(len(rows), dtype=np.bool_)
    if given is not None:
        if given.dtype.is_integer():
            wrong = given.is_null().to_numpy()
            rows = given.cast(pl.Int64).fill_null(0).to_numpy()
        else:
            wrong[:] = True
    data = [column for column in columns if not column.name.startswith("_")]
    frame = pl.DataFrame([*data, pl.Series("_message", messages), pl.Series("_row", rows)])
    if not wrong.any():
        return frame, []
    bad = np.unique(messages[wrong])
    reason = "Arrow IPC: the reserved column '_row' must hold whole numbers"
    keep = pl.Series(~np.isin(messages, bad))
    return frame.filter(keep), [Failure(place, reason) for place in bad.tolist()]


def _conformed(frame: pl.DataFrame, schema: StreamSchema, *, many: bool = False) -> _Part:
    """`many`: messages have more than one row, so that a failure comes with its own."""
    typed, problems = conform(frame, schema)
    if not problems:
        return _Part(typed, [])
    failures = _failures(typed, problems)
    if many:
        lines = _as_json(frame, list(failures))
        failures = {
            row: failures[row]._replace(record=line) for row, line in zip(failures, lines, strict=True)
        }
    bad = pl.Series([False]).new_from_index(0, typed.height)
    for problem in problems:
        bad |= problem.mask
    return _Part(typed.filter(~bad), list(failures.values()))


def _failures(typed: pl.DataFrame, problems: list[Problem]) -> dict[int, Failure]:
    """By row of the frame."""
    found: dict[int, Failure] = {}
    for problem in problems:
        for row in problem.mask.arg_true().to_list():
            message, row_in_message = typed["_message"][row], typed["_row"][row]
            failure = Failure(message, problem.reason(row), problem.field, row_in_message)
            found.setdefault(row, failure)
    return found


def _as_json(frame: pl.DataFrame, rows: list[int]) -> list[bytes]:
    data = [column for column in frame.get_columns() if not column.name.startswith("_")]
    # What is no date may stand in a column of dates, and stops the writer.
    plain = [column.dt.epoch("ms") if isinstance(column.dtype, DATED) else column for column in data]
    return pl.DataFrame(plain)[rows].write_ndjson().encode().splitlines()


def _unknown(value: bytes | None, place: int) -> Failure:
    if not value:
        return Failure(place, "empty message: a JSON object, an Avro record or an Arrow batch belongs here")
    start = value[:8].hex(" ")
    return Failure(
        place, f"neither JSON nor Avro nor Arrow: begins with {start}; set the header content-type"
    )


def _empty(schema: StreamSchema) -> pl.DataFrame:
    numbers = {"_message": pl.Int64(), "_row": pl.Int64()}
    return conform(pl.DataFrame(schema=numbers), schema).frame
