"""The words in which a record is turned down: the field, its value, and what would have been right."""

import json
from typing import Any

SHOWN_CHARACTERS = 60
BELONGS = {
    "float": "a number",
    "integer": "a whole number of 64 bits",
    "boolean": "true or false",
    "string": "text",
    "timestamp": "a time (ISO 8601, or seconds or milliseconds since the epoch)",
}


def shown(value: Any) -> str:
    """A value as it may stand in a message: JSON, and never longer than a line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def wrong_type(field: str, kind: str, value: Any) -> str:
    return f"field {field!r}: {shown(value)} stands where {BELONGS[kind]} belongs"


def missing(field: str, kind: str) -> str:
    return f"field {field!r}: missing, {BELONGS[kind]} belongs here"


def not_finite(field: str, value: float) -> str:
    return f"field {field!r}: {value} is not finite, {BELONGS['float']} belongs here"


def unknown_field(field: str, known: tuple[str, ...]) -> str:
    return f"field {field!r}: not in the schema of the stream, which has: {', '.join(known)[:200]}"
