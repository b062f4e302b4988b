"""What databases take in text."""

from typing import Any


def storable(value: Any) -> Any:
    """PostgreSQL takes no zero character, and JSON may bring one in the name of an entity."""
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value
