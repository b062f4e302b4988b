"""A batch of one partition, cut into the streams whose records stand in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

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
    records: list[StoredRecord] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)


def header(headers: Headers, name: str) -> str | None:
    """The value of a header, or None; what is not UTF-8 is shown with replacement characters."""
    return next((shown(value) for key, value in headers if key == name), None)


def shown(value: bytes | None) -> str | None:
    """Kafka knows headers with a name and no value; they say nothing."""
    return None if value is None else value.decode("utf-8", "replace")


def streams_named(records: Sequence[StoredRecord]) -> set[str | None]:
    """The streams that records say they belong to; None for those that do not say."""
    found: set[bytes | None] = set()
    for record in records:
        for key, value in record.headers:
            if key == "ce_source":
                found.add(value)
                break
        else:
            found.add(None)
    return {shown(name) for name in found}


def group_by_stream(records: Sequence[StoredRecord]) -> list[Group]:
    """One group per stream, in the order in which the streams appear."""
    groups: dict[str | None, Group] = {}
    for record in records:
        stream = content_type = None
        for key, value in record.headers:
            if key == "ce_source":
                stream = shown(value)
            elif key == "content-type":
                content_type = shown(value)
        group = groups.get(stream)
        if group is None:
            group = groups[stream] = Group(stream)
        group.records.append(record)
        group.content_types.append(content_type)
    return list(groups.values())
