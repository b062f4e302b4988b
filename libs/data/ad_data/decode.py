"""Messages of a data topic to one frame: JSON records, Avro records or Arrow batches, also mixed."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from ad_data.arrow import read_arrow
from ad_data.avro import parse_avro
from ad_data.conform import Problem, conform
from ad_data.errors import ReadError
from ad_data.forms import Form, form_of
from ad_data.json_rows import Failure, Rows, parse_rows
from ad_data.schema import StreamSchema

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
    frame = pl.concat([part.frame for part in parts]) if parts else _empty(schema)
    if len(parts) > 1:
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
    part = _conformed(rows.frame.with_columns(messages, rows_in_message), schema)
    failed = [failure._replace(message=places[failure.message]) for failure in rows.failures]
    return _Part(part.frame, failed + part.failures)


def _arrow(values: Sequence[bytes], places: Sequence[int], schema: StreamSchema) -> Iterator[_Part]:
    alike: dict[tuple[object, ...], list[pl.DataFrame]] = {}
    failures = []
    for place, value in zip(places, values, strict=True):
        try:
            frame = _numbered(read_arrow(value), place)
        except ReadError as error:
            failures.append(Failure(place, str(error)))
        else:
            alike.setdefault((*frame.columns, *frame.dtypes), []).append(frame)
    yield _Part(_empty(schema), failures)
    for frames in alike.values():
        yield _conformed(pl.concat(frames), schema)


def _numbered(frame: pl.DataFrame, place: int) -> pl.DataFrame:
    """`_row` as the message has it (rows of the body that it was part of), else counted."""
    rows = np.arange(frame.height, dtype=np.int64)
    if "_row" in frame.columns:
        given = frame["_row"]
        if not given.dtype.is_integer() or given.null_count():
            raise ReadError("Arrow IPC: the reserved column '_row' must hold whole numbers")
        rows = given.cast(pl.Int64).to_numpy()
    data = frame.select(name for name in frame.columns if not name.startswith("_"))
    messages = np.full(frame.height, place, dtype=np.int64)
    return data.with_columns(pl.Series("_message", messages), pl.Series("_row", rows))


def _conformed(frame: pl.DataFrame, schema: StreamSchema) -> _Part:
    typed, problems = conform(frame, schema)
    if not problems:
        return _Part(typed, [])
    failures = _failures(typed, problems)
    bad = pl.Series([False]).new_from_index(0, typed.height)
    for problem in problems:
        bad |= problem.mask
    return _Part(typed.filter(~bad), failures)


def _failures(typed: pl.DataFrame, problems: list[Problem]) -> list[Failure]:
    found: dict[int, Failure] = {}
    for problem in problems:
        for row in problem.mask.arg_true().to_list():
            message, row_in_message = typed["_message"][row], typed["_row"][row]
            failure = Failure(message, problem.reason(row), problem.field, row_in_message)
            found.setdefault(row, failure)
    return list(found.values())


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
