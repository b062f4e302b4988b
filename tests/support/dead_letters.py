"""Dead letters for tests of ingestion."""

from collections.abc import Sequence
from typing import Any

from ad_contracts.events import RecordRejected
from ad_contracts.headers import recorded
from ad_ingestion.domain.dead_letters import DeadLetter

GOOD = b'{"sensor": "s1", "load": 1, "heat": 2}'
Headers = Sequence[tuple[str, bytes | None]]


def letter(event_id: str = "d/1", raw: bytes = GOOD, headers: Headers = (), **changes: Any) -> DeadLetter:
    """What detection rejected of the stream `sensors`, which would take it now."""
    fields: dict[str, Any] = {
        "tenant": "default",
        "stream": "sensors",
        "reason": "field 'load': \"x\" stands where a number belongs",
        "content_type": "application/json",
        "topic": "records.default",
        "partition": 1,
        "offset": 7,
        "row": 0,
        "rejected_time_ms": 4_000_000_000_000,
        "source": "detection",
    }
    return DeadLetter(
        event_id, RecordRejected(**fields | {"raw": raw, "headers": recorded(headers)} | changes)
    )
