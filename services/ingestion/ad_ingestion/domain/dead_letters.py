"""Records that were not taken, as they are kept for those who want to know why."""

import base64
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ad_contracts.events import RecordRejected


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A rejected record under an id that is the same however often it is told."""

    event_id: str
    event: RecordRejected
    id: int = 0


class DeadLetterPage(NamedTuple):
    items: list[DeadLetter]
    next_cursor: str | None


class Raw(NamedTuple):
    text: str
    encoding: Literal["utf-8", "base64"]


def raw_text(raw: bytes) -> Raw:
    """Bytes as JSON can hold them."""
    try:
        return Raw(raw.decode(), "utf-8")
    except UnicodeDecodeError:
        return Raw(base64.b64encode(raw).decode(), "base64")


def unreadable(
    value: bytes, reason: str, *, tenant: str, topic: str, partition: int, offset: int, time_ms: int
) -> RecordRejected:
    """A message of a topic of dead letters that is none: it is kept as one, so that nothing gets lost."""
    return RecordRejected(
        tenant=tenant,
        reason=f"not readable as a rejected record: {reason}",
        raw=value,
        topic=topic,
        partition=partition,
        offset=offset,
        row=0,
        rejected_time_ms=time_ms,
        source="ingestion",
    )
