"""How many entities a stream may hold at a time, whether they are there or not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from ad_ingestion.domain.streams import Stream

EQUAL_SHARES = 10
"""Of a quota of entities, where no quota of streams says how many there may be."""
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Reservation:
    """Detection keeps so many in each partition of the topic; None for a stream without an entity field."""

    stream: str
    topic: str
    per_partition: int | None

    @classmethod
    def of(cls, stream: Stream) -> Self:
        """While there is no schema, the hints say whether it will have an entity."""
        entity = (stream.schema or stream.hints).entity
        return cls(stream.name, stream.topic, None if entity is None else stream.settings.max_entities)

    def entities(self, partitions: int) -> int:
        """A stream without an entity field is one entity."""
        return 1 if self.per_partition is None else self.per_partition * partitions


def lowered(stream: Stream, partitions: int, left: int) -> Stream:
    """With a `max_entities` that fits into what is left, though at least 1, and never a larger one."""
    if Reservation.of(stream).per_partition is None:
        return stream
    most = min(stream.settings.max_entities, max(1, left // partitions))
    return replace(stream, settings=replace(stream.settings, max_entities=most))


def share(entities: int, streams: int | None) -> int:
    """What a stream gets that asks for nothing: as much as each other one may."""
    return entities // max(1, EQUAL_SHARES if streams is None else streams)


def ways_out(wanted: Reservation, partitions: int, left: int, held: Mapping[str, int]) -> str:
    """What makes room for what does not fit into what is left, beside streams that hold so many."""
    fits = 0 if wanted.per_partition is None else left // partitions
    smaller = (
        f"; settings.max_entities of {fits:,} would fit, which counts in each of {partitions} partitions"
        if fits > 0
        else ""
    )
    most = sorted(held.items(), key=lambda each: (-each[1], each[0]))[:MOST_NAMED]
    named = ", ".join(f"{name!r} holds {count:,}" for name, count in most)
    return (
        f"stream {wanted.stream!r} asks for {wanted.entities(partitions):,}{smaller}; "
        "lower settings.max_entities of another by PATCH /api/v1/streams/{name}"
        f"{f' ({named})' if named else ''}, delete one, or ask the operator of the platform for more"
    )
