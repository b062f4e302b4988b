"""Events as people and browsers read them: plain JSON with ISO times."""

from typing import Any

import msgspec

from ad_contracts.events import Event
from ad_contracts.headers import iso_time

SUFFIX = "_time_ms"


def json_view(event: Event) -> dict[str, Any]:
    """Every `…_time_ms` becomes `…_time` in ISO 8601 with Z; the rest stays."""
    fields: dict[str, Any] = msgspec.to_builtins(event)
    return {
        name.removesuffix("_ms") if name.endswith(SUFFIX) else name: (
            iso_time(value) if name.endswith(SUFFIX) and value is not None else value
        )
        for name, value in fields.items()
    }
