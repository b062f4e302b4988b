"""How many entities a stream may hold at a time, whether they are there or not."""

from dataclasses import dataclass, replace
from typing import Self

from ad_ingestion.domain.streams import Stream


@dataclass(frozen=True, slots=True)
class Reservation:
    """Detection keeps so many in each partition of the topic; None for a stream without an entity field."""

    topic: str
    per_partition: int | None

    @classmethod
    def of(cls, stream: Stream) -> Self:
        """While there is no schema, the hints say whether it will have an entity."""
        entity = (stream.schema or stream.hints).entity
        return cls(stream.topic, None if entity is None else stream.settings.max_entities)

    def entities(self, partitions: int) -> int:
        """A stream without an entity field is one entity."""
        return 1 if self.per_partition is None else self.per_partition * partitions


def lowered(stream: Stream, partitions: int, left: int) -> Stream:
    """With a `max_entities` that fits into what is left, though at least 1, and never a larger one."""
    if Reservation.of(stream).per_partition is None:
        return stream
    most = min(stream.settings.max_entities, max(1, left // partitions))
    return replace(stream, settings=replace(stream.settings, max_entities=most))
