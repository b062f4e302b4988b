"""Takes secrets, and what steers terminals, out of what is about to be logged."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

REDACTED = "[redacted]"
SECRET_NAME = re.compile(
    r"password|passwd|secret|token|authorization|cookie|credential|signature|private|(^|_|-)(api_?)?key$",
    re.IGNORECASE,
)
HARMLESS_NAMES = frozenset({"token_id", "token_type", "key_id", "expires_in"})
SECRET_VALUES = re.compile(
    r"eyJ[\w-]{5,}\.[\w-]+\.[\w-]*"  # JWT
    r"|\bad_[A-Za-z0-9]+_[\w-]{8,}"  # API key
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # credentials in an address
    r"|(?<=Bearer )[\w.~+/=-]{8,}"
)
MAX_DEPTH = 8


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: hides values by their name and by what they look like."""
    for name, value in event.items():
        event[name] = _clean(name, value, 0)
    return event


def redact_text(text: str) -> str:
    return SECRET_VALUES.sub(REDACTED, text)


def escaped(text: str, most: int | None = None) -> str:
    """Cut to so many characters, without any that steers a terminal, ends a line or is none."""
    text = text[:most]
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)


def _clean(name: str, value: Any, depth: int) -> Any:
    if value is not None and not isinstance(value, bool) and _is_secret(name):
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes):
        return redact_text(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _clean_container(value, depth + 1)
    return value if isinstance(value, int | float | None) else _clean_object(value)


def _clean_container(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return REDACTED
    if isinstance(value, Mapping):
        return {key: _clean(str(key), item, depth) for key, item in value.items()}
    return [_clean("", item, depth) for item in value]


def _is_secret(name: str) -> bool:
    return bool(name) and name.lower() not in HARMLESS_NAMES and SECRET_NAME.search(name) is not None


def _clean_object(value: object) -> object:
    """An object is kept as it is, for tracebacks, unless its text would give something away."""
    text = str(value)
    cleaned = redact_text(text)
    return value if cleaned == text else cleaned
