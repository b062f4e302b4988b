"""What a tenant's quota of entities allows of a stream that is new or changes."""

from ad_chassis.tenants import check_quota
from ad_ingestion.domain.reservations import Reservation, lowered
from ad_ingestion.domain.streams import Stream
from ad_ingestion.ports import Limited, RecordLog, Transaction

FEWER_ENTITIES = (
    "give a smaller settings.max_entities (it counts in every partition of the topic), delete a stream, "
    "or ask the operator of the platform for more"
)


async def check_entities(
    work: Transaction,
    log: RecordLog,
    limited: Limited,
    stream: Stream,
    *,
    before: Stream | None = None,
    lower: bool = False,
) -> Stream:
    """Raises unless what the stream may hold fits beside the others; `lower` makes it fit where something is left.

    What asks for no more than `before` is always taken, also above a quota that was lowered.
    """
    limit = limited.quotas(stream.tenant).entities
    if limit is None:
        return stream
    partitions = (await log.sizes({stream.topic}))[stream.topic]
    held = 0 if before is None else Reservation.of(before).entities(partitions)
    if Reservation.of(stream).entities(partitions) <= held:
        return stream
    there = await work.reservations(stream.tenant)
    sizes = await log.sizes({each.topic for each in there})
    use = sum(each.entities(sizes[each.topic]) for each in there)
    if lower:
        stream = lowered(stream, partitions, limit - use)
    wanted = Reservation.of(stream).entities(partitions)
    advice = f"stream {stream.name!r} asks for {wanted:,}; {FEWER_ENTITIES}"
    check_quota("entities", limit, use, advice, more=wanted - held)
    return stream
