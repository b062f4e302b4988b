"""What a tenant's quota of entities allows of a stream that is new or changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ad_chassis.tenants import check_quota
from ad_contracts.topics import topic
from ad_ingestion.domain.reservations import Reservation, lowered
from ad_ingestion.domain.streams import Stream
from ad_ingestion.ports import Limited, RecordLog, Transaction

FEWER_ENTITIES = (
    "give a smaller settings.max_entities (it counts in every partition of the topic), delete a stream, "
    "or ask the operator of the platform for more"
)


@dataclass(frozen=True, slots=True)
class EntityRoom:
    """What is known before a transaction, so that nobody waits for the log under its locks."""

    limit: int | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)

    def partitions(self, stream: Stream | Reservation, tenant: str) -> int:
        """A topic that is still to be made gets as many as the shared one of the tenant."""
        return self.sizes.get(stream.topic) or self.sizes.get(topic("records", tenant), 1)


async def entity_room(log: RecordLog, limited: Limited, tenant: str) -> EntityRoom:
    limit = limited.quotas(tenant).entities
    return EntityRoom() if limit is None else EntityRoom(limit, await log.sizes())


async def check_entities(
    work: Transaction,
    room: EntityRoom,
    stream: Stream,
    *,
    before: Stream | None = None,
    lower: bool = False,
) -> Stream:
    """Raises unless what the stream may hold fits beside the others; `lower` makes it fit where something is left.

    What asks for no more than `before` is always taken, also above a quota that was lowered.
    """
    if room.limit is None:
        return stream
    partitions = room.partitions(stream, stream.tenant)
    held = 0 if before is None else Reservation.of(before).entities(partitions)
    if Reservation.of(stream).entities(partitions) <= held:
        return stream
    there = await work.reservations(stream.tenant)
    use = sum(each.entities(room.partitions(each, stream.tenant)) for each in there)
    if lower:
        stream = lowered(stream, partitions, room.limit - use)
    wanted = Reservation.of(stream).entities(partitions)
    advice = f"stream {stream.name!r} asks for {wanted:,}; {FEWER_ENTITIES}"
    check_quota("entities", room.limit, use, advice, more=wanted - held)
    return stream
