"""A log of anomalies in memory, with the ring that follows it."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any

import msgspec

from ad_gateway.domain.cursor import Positions
from ad_gateway.domain.ring import Frame, Place, Ring
from ad_gateway.ports import Found, Gone, Listener
from tests.support.anomalies import anomaly


class MemoryFeed:
    """Two partitions; anomaly `n` stands in partition `n % 2`."""

    def __init__(self, ring_size: int = 100) -> None:
        self.ring = Ring(ring_size, {0: 0, 1: 0})
        self.stored: list[Found] = []
        self.listeners: list[Listener] = []
        self.read: list[int] = []
        """The numbers of what was read out of history."""

    @property
    def now(self) -> Positions:
        return self.ring.end

    def add(self, count: int, **changes: Any) -> None:
        for _ in range(count):
            number = len(self.stored)
            place = Place(number % 2, self.ring.end.get(number % 2, 0) + 1)
            self.stored.append(Found(place, anomaly(number, **changes)))
            self.ring.append(Frame(*self.stored[-1]))
        for listener in self.listeners:
            listener.wake()

    def join(self, listener: Listener) -> None:
        self.listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        self.listeners.remove(listener)

    async def tail(self, tenant: str) -> "MemoryFeed":
        return self

    async def history(self, tenant: str, start: Positions, stop: Positions) -> AsyncGenerator[Found]:
        for partition, end in sorted(stop.items()):
            for found in self.stored:
                if (
                    found.place.partition == partition
                    and start.get(partition, 0) < found.place.next_offset <= end
                ):
                    self.read.append(found.anomaly.offset)
                    yield found


class MemoryOutlet:
    """What a client was sent. While `blocked`, it takes nothing."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self.gone = False
        self.blocks_after: int | None = None
        self.free = asyncio.Event()
        self.free.set()

    async def send(self, text: str) -> None:
        await self.free.wait()
        if self.gone:
            raise Gone
        self.messages.append(msgspec.json.decode(text))
        if len(self.messages) == self.blocks_after:
            self.free.clear()

    async def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    @property
    def kinds(self) -> list[str]:
        return [message["type"] for message in self.messages]

    @property
    def shown(self) -> list[int]:
        return numbers(self.messages)


class CountingMeter:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def connected(self, tenant: str, change: int) -> None:
        self.counts["clients"] += change

    def sent(self, tenant: str) -> None:
        self.counts["sent"] += 1

    def gap(self, tenant: str) -> None:
        self.counts["gaps"] += 1

    def resumed(self, tenant: str) -> None:
        self.counts["resumed"] += 1

    def closed(self, code: int) -> None:
        self.counts[str(code)] += 1


def numbers(messages: list[dict[str, Any]]) -> list[int]:
    return [message["anomaly"]["offset"] for message in messages if message["type"] == "anomaly"]


async def settled() -> None:
    """Lets the tasks that are ready run until they wait for something else."""
    for _ in range(50):
        await asyncio.sleep(0)
