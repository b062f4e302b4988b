"""The slow twin of decoding and validating: one record at a time, written from the rules of the stream schema."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from ad_data.schema import Field, StreamSchema

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?)?\s*(Z|[+-]\d\d:?(?:\d\d)?)?",
    re.ASCII,
)


NUMERIC = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class Bad(Exception):
    """The record is not taken because of this field."""


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def time_ms(value: Any) -> int | None:
    """Milliseconds of a time, None when it is none."""
    if isinstance(value, str):
        return text_ms(value.strip())
    if not number(value) or abs(value) >= 1e14:
        return None
    return round(value * 1000) if abs(value) < 1e11 else int(value)


def text_ms(text: str) -> int | None:
    match = ISO.fullmatch(text)
    if NUMERIC.fullmatch(text):
        return time_ms(float(text))
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(match[group] or 0) for group in range(1, 7))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    zone = re.sub("[^0-9]", "", match[8] or "").ljust(4, "0")
    if int(zone[:2]) > 23 or int(zone[2:]) > 59:
        return None
    offset = timedelta(hours=int(zone[:2]), minutes=int(zone[2:]))
    moment += offset if (match[8] or "").startswith("-") else -offset
    return (moment - EPOCH) // timedelta(milliseconds=1) + int((match[7] or "0").ljust(3, "0")[:3])


def converted(value: Any, kind: str) -> Any:
    """The value in the type of its field; Bad when it has another."""
    if kind == "float" and number(value):
        return float(value)
    if kind == "integer" and number(value) and value == int(value) and -(2**63) <= value < 2**63:
        return int(value)
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "string":
        return value
    if kind == "timestamp" and (found := time_ms(value)) is not None:
        return found
    raise Bad


def taken(record: dict[str, Any], schema: StreamSchema, now_ms: int) -> dict[str, Any]:
    """The record as the stream takes it; None where a value is missing."""
    if schema.on_extra == "reject" and record.keys() - set(schema.names):
        raise Bad
    return {field.name: taken_value(record.get(field.name), field, schema, now_ms) for field in schema.fields}


def taken_value(value: Any, field: Field, schema: StreamSchema, now_ms: int) -> Any:
    special = field.name in {schema.entity, schema.timestamp}
    empty = value is None or (field.name == schema.entity and value == "")
    blank_time = field.type == "timestamp" and isinstance(value, str) and not value.strip()
    if empty or blank_time or (number(value) and field.type != "string" and not finite(value)):
        if field.required and (special or schema.on_missing == "reject"):
            raise Bad
        return None
    found = converted(value, field.type)
    if field.name == schema.timestamp:
        age_seconds = (now_ms - found) / 1000
        if schema.max_age_seconds is not None and age_seconds > schema.max_age_seconds:
            raise Bad
        if schema.max_future_seconds is not None and -age_seconds > schema.max_future_seconds:
            raise Bad
    return found
