"""Following anomalies: nothing is lost and nothing doubled, however slow the client."""

import asyncio
from collections.abc import AsyncIterator

from ad_gateway.adapters.log_feed import LiveQueue
from ad_gateway.domain.cursor import Positions
from ad_gateway.ports import Found, Place
from ad_gateway.usecases.follow_anomalies import follow_anomalies
from tests.support.anomalies import anomaly


class Log:
    """One partition of anomalies, with live queues of a given size."""

    def __init__(self, queue_size: int = 100) -> None:
        self.stored: list[Found] = []
        self.queue_size = queue_size
        self.opened: list[LiveQueue] = []

    def add(self, count: int) -> None:
        for _ in range(count):
            number = len(self.stored)
            found = Found(Place(0, number + 1), anomaly(number))
            self.stored.append(found)
            for queue in self.opened:
                queue.offer(found)

    async def open(self, tenant: str) -> LiveQueue:
        self.opened.append(LiveQueue({0: len(self.stored)}, self.queue_size))
        return self.opened[-1]

    async def history(self, tenant: str, start: Positions, stop: Positions) -> AsyncIterator[Found]:
        for found in self.stored[start.get(0, 0) : stop[0]]:
            yield found


async def take(following: AsyncIterator[Found], count: int) -> list[int]:
    async with asyncio.timeout(5):
        return [(await anext(following)).anomaly.offset for _ in range(count)]


async def test_without_a_cursor_only_what_is_new_comes() -> None:
    log = Log()
    log.add(5)
    following = follow_anomalies(log, "default", None, lambda _: log.add(3))
    assert await take(following, 3) == [5, 6, 7]


async def test_with_a_cursor_history_comes_first_and_then_what_is_new() -> None:
    log = Log()
    log.add(5)
    following = follow_anomalies(log, "default", {0: 2}, lambda _: log.add(2))
    assert await take(following, 5) == [2, 3, 4, 5, 6]


async def test_a_slow_client_goes_back_to_history_and_misses_nothing() -> None:
    log = Log(queue_size=3)
    following = follow_anomalies(log, "default", {0: 0})
    log.add(1)
    assert await take(following, 1) == [0]
    log.add(50)
    assert await take(following, 50) == list(range(1, 51))
    log.add(2)
    assert await take(following, 2) == [51, 52]


async def test_the_place_in_the_feed_is_closed_when_the_client_leaves() -> None:
    log = Log()
    following = follow_anomalies(log, "default", {0: 0})
    log.add(1)
    await take(following, 1)
    await following.aclose()
    assert [queue.closed for queue in log.opened] == [True]
