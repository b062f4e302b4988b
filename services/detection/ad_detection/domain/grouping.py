"""A batch of one partition, cut into the streams whose records stand in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ad_contracts.headers import GENERATION

MOST_DIGITS = 10
Headers = Sequence[tuple[str, bytes | None]]


class StoredRecord(Protocol):
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


@dataclass(frozen=True, slots=True)
class Incoming:
    """A batch as the log gave it. `now_ms` is told, and only said in what comes out."""

    tenant: str
    topic: str
    partition: int
    records: Sequence[StoredRecord]
    now_ms: int


@dataclass(slots=True)
class Group:
    """Messages of one stream in the order of their offsets, and how each is encoded."""

    stream: str | None
    generation: int | None = None
    """Which stream of that name, where the records say so."""
    records: list[StoredRecord] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)


def header(headers: Headers, name: str) -> str | None:
    """The value of a header, or None; what is not UTF-8 is shown with replacement characters."""
    return next((shown(value) for key, value in headers if key == name), None)


def shown(value: bytes | None) -> str | None:
    """Kafka knows headers with a name and no value; they say nothing."""
    return None if value is None else value.decode("utf-8", "replace")


def generation_of(value: bytes | None) -> int | None:
    """What the header says, if it says anything that can be meant."""
    return int(value) if value is not None and value.isdigit() and len(value) < MOST_DIGITS else None


def streams_named(records: Sequence[StoredRecord]) -> set[tuple[str | None, int | None]]:
    """The streams that records say they belong to, and their generations; None for those that do not say."""
    found: set[tuple[bytes | None, bytes | None]] = set()
    for record in records:
        stream = generation = None
        for key, value in record.headers:
            # Ingestion says the generation first, so that nobody has to look further than this.
            if key == "ce_source":
                stream = value
                break
            if key == GENERATION:
                generation = value
        found.add((stream, generation))
    return {(shown(stream), generation_of(generation)) for stream, generation in found}


def group_by_stream(records: Sequence[StoredRecord]) -> list[Group]:
    """One group per stream, in the order in which the streams appear."""
    groups: dict[Any, Group] = {}
    for record in records:
        stream = content_type = generation = None
        for key, value in record.headers:
            if key == "ce_source":
                stream = shown(value)
            elif key == "content-type":
                content_type = shown(value)
            elif key == GENERATION:
                generation = generation_of(value)
        name = stream if generation is None else (stream, generation)
        group = groups.get(name)
        if group is None:
            group = groups[name] = Group(stream, generation)
        group.records.append(record)
        group.content_types.append(content_type)
    return list(groups.values())
