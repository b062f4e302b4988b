"""A body sorted into the records that a stream takes and those that it does not."""

from dataclasses import dataclass

import polars as pl

from ad_data.body import Body, read_body
from ad_data.errors import ReadError
from ad_data.infer import infer
from ad_data.schema import StreamSchema
from ad_data.validate import validate
from ad_ingestion.domain.streams import Hints, hinted

ROW = "_row"
TIME = "_time"
MAX_RECORD_BYTES = 256 * 1024
"""A record must fit into a message with room to spare."""
MAX_REASON_CHARACTERS = 1000
MAX_FIELD_CHARACTERS = 255

NOTHING = "the body holds no records; send at least one"
EMPTY = "empty:"
"""How every complaint of the readers about nothing begins."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that was not taken: its row in the body, why, the field, and its bytes as they came."""

    row: int
    reason: str
    field: str | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class Sorted:
    """`accepted` has the fields of the schema, then `_row` (its row in the body) and `_time`, in the body's order."""

    accepted: pl.DataFrame
    rejections: list[Rejection]
    total: int


class NoRecords(ValueError):
    """A body with nothing in it."""


class TooManyRecords(ValueError):
    """A body with more than one request may bring."""


def inferred(data: bytes, content_type: str | None, hints: Hints) -> StreamSchema:
    """The schema that the first records of a stream suggest."""
    body = _read(data, content_type)
    return hinted(infer(body.frame, hints.entity, hints.timestamp), hints)


def sort_records(
    data: bytes, content_type: str | None, schema: StreamSchema, *, arrival_ms: int, max_rows: int
) -> Sorted:
    """Reads and validates a body; one bad record costs itself only."""
    body = _read(data, content_type, schema)
    if body.total > max_rows:
        raise TooManyRecords(
            f"the body holds {body.total} records, a request takes at most {max_rows}; send it in smaller parts"
        )
    valid = validate(body.frame, schema, arrival_ms)
    rows = body.rows[valid.rows]
    rejections = [Rejection(bad.row, bad.reason, bad.field, body.raw(bad.row)) for bad in body.failures]
    for reject in valid.rejects:
        row = int(body.rows[reject.row])
        rejections.append(Rejection(row, reject.reason, reject.field, body.raw(row)))
    accepted = valid.frame.select(schema.names).with_columns(
        pl.Series(ROW, rows, pl.Int64), _time(schema, arrival_ms)
    )
    if len(data) > MAX_RECORD_BYTES:
        accepted, too_large = _without_too_large(accepted, schema, body)
        rejections += too_large
    in_order = sorted(rejections, key=lambda each: each.row)
    return Sorted(accepted, [bounded(each) for each in in_order], body.total)


def bounded(rejection: Rejection) -> Rejection:
    """What must fit into a message: of a huge record the beginning is kept, and the reason says so."""
    raw, reason, field = rejection.raw, rejection.reason[:MAX_REASON_CHARACTERS], rejection.field
    if len(raw) > MAX_RECORD_BYTES:
        reason = f"{reason} (kept: the first {MAX_RECORD_BYTES} of {len(raw)} bytes)"
    return Rejection(rejection.row, reason, field and field[:MAX_FIELD_CHARACTERS], raw[:MAX_RECORD_BYTES])


def _read(data: bytes, content_type: str | None, schema: StreamSchema | None = None) -> Body:
    try:
        body = read_body(data, content_type, schema)
    except ReadError as error:
        if str(error).startswith(EMPTY):
            raise NoRecords(NOTHING) from error
        raise
    if body.total == 0:
        raise NoRecords(NOTHING)
    return body


def record_bytes(frame: pl.DataFrame, schema: StreamSchema) -> pl.Series:
    """About how many bytes each record takes in a message."""
    texts = [field.name for field in schema.fields if field.type == "string"]
    plain = 9 * (len(schema.fields) - len(texts)) + 16
    lengths = [pl.col(name).str.len_bytes().fill_null(0).cast(pl.Int64) + 9 for name in texts]
    return frame.select(pl.sum_horizontal(pl.repeat(plain, pl.len(), dtype=pl.Int64), *lengths)).to_series()


def _time(schema: StreamSchema, arrival_ms: int) -> pl.Expr:
    """Event time; a record without one has the time of its arrival."""
    arrival = pl.lit(arrival_ms).cast(pl.Datetime("ms", "UTC"))
    moment = arrival if schema.timestamp is None else pl.col(schema.timestamp).fill_null(arrival)
    return moment.alias(TIME)


def _without_too_large(
    accepted: pl.DataFrame, schema: StreamSchema, body: Body
) -> tuple[pl.DataFrame, list[Rejection]]:
    sizes = record_bytes(accepted, schema)
    large = sizes > MAX_RECORD_BYTES
    if not large.any():
        return accepted, []
    found = [
        Rejection(
            row, f"the record takes {size} bytes, at most {MAX_RECORD_BYTES} are taken", None, body.raw(row)
        )
        for row, size in zip(accepted[ROW].filter(large), sizes.filter(large), strict=True)
    ]
    return accepted.filter(~large), found


def content_type_of(rejection: Rejection, body_type: str | None) -> str | None:
    """The form of a rejected record's bytes: those of binary forms and of most CSV are given as JSON."""
    if rejection.raw.lstrip()[:1] == b"{":
        return "application/json"
    return body_type.split(";")[0].strip().lower()[:100] if body_type else None
