"""The schema of a stream, from its first records."""

import polars as pl

from ad_data import timestamps
from ad_data.errors import SchemaError
from ad_data.schema import Field, FieldType, StreamSchema

TIME_NAMES = ("timestamp", "time", "ts", "datetime", "date")
# A column of text counts as numbers or times when nearly all of it is: one typing error must not decide.
SHARE_NEEDED = 0.9
SAMPLE_ROWS = 10_000


def infer(frame: pl.DataFrame, entity: str | None = None, timestamp: str | None = None) -> StreamSchema:
    """Numbers become float, booleans boolean, times timestamp, the rest string.

    The timestamp of the stream is the field of that type whose name says so (timestamp, time, ts, datetime,
    date), else the first of that type. The entity is only what the caller says; it becomes a string field.

    Raises
    ------
    SchemaError
        When there are no fields, or `entity` or `timestamp` is not one of them.
    """
    names = [name for name in frame.columns if not name.startswith("_")]
    for role, name in (("entity", entity), ("timestamp", timestamp)):
        if name is not None and name not in names:
            raise SchemaError(f"{role}: the records have no field {name!r}; choose from: {', '.join(names)}")
    kinds = {name: field_type(frame[name].head(SAMPLE_ROWS)) for name in names}
    if entity is not None:
        kinds[entity] = "string"
    if timestamp is not None:
        kinds[timestamp] = "timestamp"
    return StreamSchema(
        fields=tuple(Field(name, kind) for name, kind in kinds.items()),
        entity=entity,
        timestamp=timestamp or _timestamp(kinds),
    )


def field_type(column: pl.Series) -> FieldType:
    """The type of field that a column suggests."""
    if column.dtype.is_numeric() or column.dtype == pl.Null:
        return "float"
    if column.dtype == pl.Boolean:
        return "boolean"
    if column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime):
        return "timestamp"
    if column.dtype != pl.String:
        return "string"
    text = column.drop_nulls().str.strip_chars()
    text = text.filter(text != "")
    if _nearly_all(text.cast(pl.Float64, strict=False)):
        return "float"
    return "timestamp" if _nearly_all(timestamps.from_text(text)) else "string"


def _nearly_all(converted: pl.Series) -> bool:
    return converted.len() > 0 and converted.count() >= SHARE_NEEDED * converted.len()


def _timestamp(kinds: dict[str, FieldType]) -> str | None:
    times = [name for name, kind in kinds.items() if kind == "timestamp"]
    named = [name for wanted in TIME_NAMES for name in times if name.lower() == wanted]
    return next(iter(named + times), None)
