"""Records that were not taken, as they are kept for those who want to know why, mend them and send them again."""

import base64
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ad_contracts.events import RecordRejected
from ad_contracts.headers import REPLAY_OF

State = Literal["open", "replayed"]
Source = Literal["ingestion", "detection"]
KIND_CHARACTERS = 200
VALUES = re.compile(r'"(?:[^"\\]|\\.)*"|\b\d[\w.:+-]*')


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A rejected record under an id that is the same however often it is told."""

    event_id: str
    event: RecordRejected
    id: int = 0
    state: State = "open"
    replayed_ms: int | None = None

    @property
    def replay_of(self) -> str | None:
        """The dead letter whose replay this one is."""
        found = (each["value"] for each in self.event.headers if each["name"] == REPLAY_OF)
        value = next(found, None)
        return None if value is None else value.decode("utf-8", "replace")


class DeadLetterPage(NamedTuple):
    items: list[DeadLetter]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class LetterQuery:
    """Dead letters of which everything that is named holds; `reason` is a part of theirs, times are of rejection."""

    stream: str | None = None
    reason: str | None = None
    field: str | None = None
    source: Source | None = None
    state: State | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    among: frozenset[str] | None = None
    """Only those of these streams, which are all that the caller sees; None for every stream, and for none."""

    @property
    def names_nothing(self) -> bool:
        """Whether it holds for all that the caller sees."""
        return self == LetterQuery(among=self.among)


@dataclass(frozen=True, slots=True)
class LetterGroup:
    """Dead letters of one stream with reasons of one kind."""

    stream: str | None
    source: Source
    field: str | None
    kind: str
    count: int
    open: int
    first_ms: int
    last_ms: int
    example: str
    """The id of the newest."""


class Raw(NamedTuple):
    text: str
    encoding: Literal["utf-8", "base64"]


def raw_text(raw: bytes) -> Raw:
    """Bytes as JSON can hold them."""
    try:
        return Raw(raw.decode(), "utf-8")
    except UnicodeDecodeError:
        return Raw(base64.b64encode(raw).decode(), "base64")


def kind_of(reason: str) -> str:
    """A reason without the values of the one record, so that alike ones can be counted."""
    return VALUES.sub("…", reason)[:KIND_CHARACTERS]


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
