"""A tenant's anomalies from a cursor on, without loss or doubles however slow the client is."""

from collections.abc import AsyncIterator, Callable

from ad_gateway.domain.cursor import Positions
from ad_gateway.ports import AnomalyFeed, Found, Live


async def follow_anomalies(
    feed: AnomalyFeed,
    tenant: str,
    after: Positions | None,
    ready: Callable[[Positions], None] = lambda _: None,
) -> AsyncIterator[Found]:
    """Yields history up to the live part, then the live part; a slow client goes back to history.

    `after` is None for a client that wants only what is new. A partition that a cursor does not name starts
    with its first anomaly, because it did not exist when the cursor was made. `ready` is told the first position.
    """
    position = after
    while True:
        live = await feed.open(tenant)
        if position is None:
            position = dict(live.start)
        ready(dict(position))
        try:
            async for found in _history_then_live(feed, tenant, position, live):
                position[found.place.partition] = found.place.next_offset
                yield found
        finally:
            live.close()


async def _history_then_live(
    feed: AnomalyFeed, tenant: str, position: Positions, live: Live
) -> AsyncIterator[Found]:
    async for found in feed.history(tenant, dict(position), live.start):
        yield found
    while not live.behind():
        found = await live.next()
        if found.place.next_offset > position.get(found.place.partition, 0):
            yield found
