"""What a tenant's quota of entities allows of a stream that is new or changes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ad_chassis.tenants import check_quota
from ad_contracts.topics import topic
from ad_ingestion.domain.reservations import Reservation, lowered, share, ways_out
from ad_ingestion.domain.streams import Stream
from ad_ingestion.ports import Limited, RecordLog, Transaction


@dataclass(frozen=True, slots=True)
class EntityRoom:
    """What is known before a transaction, so that nobody waits for the log under its locks."""

    limit: int | None = None
    streams: int | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    seen: Collection[str] | None = None
    """The streams that the caller sees, and may be told of; None for all."""

    def partitions(self, stream: Stream | Reservation, tenant: str) -> int:
        """A topic that is still to be made gets as many as the shared one of the tenant."""
        return self.sizes.get(stream.topic) or self.sizes.get(topic("records", tenant), 1)


async def entity_room(
    log: RecordLog, limited: Limited, tenant: str, seen: Collection[str] | None = None
) -> EntityRoom:
    quotas = limited.quotas(tenant)
    if quotas.entities is None:
        return EntityRoom()
    return EntityRoom(quotas.entities, quotas.streams, await log.sizes(), seen)


async def check_entities(
    work: Transaction,
    room: EntityRoom,
    stream: Stream,
    *,
    before: Stream | None = None,
    lower: bool = False,
) -> Stream:
    """Raises unless what the stream may hold fits beside the others; with `lower` it takes its share of what is left.

    What asks for no more than `before` is always taken, also above a quota that was lowered.
    """
    if room.limit is None:
        return stream
    partitions = room.partitions(stream, stream.tenant)
    held = 0 if before is None else Reservation.of(before).entities(partitions)
    if Reservation.of(stream).entities(partitions) <= held:
        return stream
    there = {
        each.stream: each.entities(room.partitions(each, stream.tenant))
        for each in await work.reservations(stream.tenant)
    }
    left = room.limit - sum(there.values())
    if lower:
        stream = lowered(stream, partitions, min(left, share(room.limit, room.streams)))
    wanted = Reservation.of(stream)
    others = {
        name: count
        for name, count in there.items()
        if name != stream.name and (room.seen is None or name in room.seen)
    }
    advice = ways_out(wanted, partitions, left + held, others)
    more = wanted.entities(partitions) - held
    check_quota("entities", room.limit, room.limit - left, advice, more=more)
    return stream
