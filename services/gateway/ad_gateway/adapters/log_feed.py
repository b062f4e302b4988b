"""The live feed, read from the event log: one reader and one ring per tenant, for all its clients."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

import structlog

from ad_chassis.eventlog.errors import LogError
from ad_chassis.eventlog.port import Batch, EventLog, Reader, TopicPartition
from ad_contracts.codec import Codec
from ad_contracts.errors import DecodeError, RegistryError
from ad_contracts.events import AnomalyDetected
from ad_contracts.topics import topic
from ad_gateway.domain.cursor import Positions, furthest
from ad_gateway.domain.ring import Frame, Place, Ring
from ad_gateway.ports import Found, Listener

POLL_SECONDS = 1.0
LINGER_SECONDS = 60.0
"""So long a tenant without clients is followed, for those that come back."""
SENDS_A_TURN = 100
"""So many messages go out before the event loop looks at anything else: 5 ms."""
READS = 8
"""Reads of history at once, so that many clients that come back together do not overrun the log."""
Clock = Callable[[], float]
OpenReader = Callable[[Positions], Reader]
log = structlog.get_logger(__name__)


def decoded(codec: Codec, batch: Batch) -> list[Found]:
    """The anomalies of a batch. One that cannot be read is logged and passed over: it has no reader to tell."""
    found = []
    for record in batch.records:
        try:
            event = codec.decode(record.value or b"")
        except DecodeError as error:
            log.warning(
                "unreadable anomaly", source=str(batch.source), offset=record.offset, reason=str(error)
            )
            continue
        if isinstance(event, AnomalyDetected):
            found.append(Found(Place(batch.source.partition, record.offset + 1), event))
    return found


class TenantTail:
    """Fills the ring and wakes the clients. Starts a little before the end, for clients that come from elsewhere."""

    def __init__(
        self, open_reader: OpenReader, codec: Codec, ring: Ring, end: Positions, clock: Clock
    ) -> None:
        self.ring = ring
        self._open_reader = open_reader
        self._reader = open_reader(ring.end)
        self._codec = codec
        self._end = end
        # Clients are waked in the order in which they came.
        self._listeners: dict[Listener, None] = {}
        self._clock = clock
        self._left = clock()
        self._task: asyncio.Task[None] | None = None

    @property
    def now(self) -> Positions:
        return furthest(self.ring.end, self._end)

    def join(self, listener: Listener) -> None:
        self._listeners[listener] = None

    def leave(self, listener: Listener) -> None:
        self._listeners.pop(listener, None)
        self._left = self._clock()

    @property
    def idle_seconds(self) -> float:
        return 0.0 if self._listeners else self._clock() - self._left

    async def start(self) -> None:
        await self._reader.start()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._reader.stop()

    async def _run(self) -> None:
        broken = False
        while True:
            try:
                if broken:
                    await self._begin_again()
                await self._follow()
            except Exception as error:
                log.error("the live feed broke off and begins again where it was", exc_info=error)
                broken = True
                await asyncio.sleep(POLL_SECONDS)

    async def _begin_again(self) -> None:
        """What was polled and not handed out is polled again."""
        await self._reader.stop()
        self._reader = self._open_reader(self.ring.end)
        await self._reader.start()

    async def _follow(self) -> None:
        while True:
            try:
                batches = await self._reader.poll(self._most, POLL_SECONDS)
            except LogError as error:
                log.warning("the live feed could not be read", reason=str(error))
                await asyncio.sleep(POLL_SECONDS)
                continue
            for batch in batches:
                await self._learn(batch)
                found = decoded(self._codec, batch)
                for begin in range(0, len(found), self._most):
                    await self._hand_out(found[begin : begin + self._most])
            self.ring.settle(
                {source.partition: offset for source, offset in self._reader.positions().items()}
            )

    async def _learn(self, batch: Batch) -> None:
        """Waits for a registry that does not answer: without the schema its anomalies would be passed over."""
        while True:
            try:
                return await self._codec.learn(record.value or b"" for record in batch.records)
            except RegistryError as error:
                log.warning("the schemas of anomalies could not be fetched", reason=str(error))
                await asyncio.sleep(POLL_SECONDS)

    async def _hand_out(self, found: Sequence[Found]) -> None:
        for each in found:
            self.ring.append(Frame(each.place, each.anomaly))
        turn = max(SENDS_A_TURN // len(found), 1)
        for number, listener in enumerate(list(self._listeners), 1):
            listener.wake()
            if number % turn == 0:
                await asyncio.sleep(0)

    @property
    def _most(self) -> int:
        """Half of the ring at most, so that who keeps up is never overtaken by a large batch."""
        return max(self.ring.size // 2, 1)


class LogFeed:
    """A component: its tails end when it stops."""

    def __init__(
        self, event_log: EventLog, codec: Codec, ring_size: int, clock: Clock = time.monotonic
    ) -> None:
        self._log = event_log
        self._codec = codec
        self._ring_size = ring_size
        self._clock = clock
        self._tails: dict[str, TenantTail] = {}
        self._opening = asyncio.Lock()
        self._reads = asyncio.Semaphore(READS)

    async def start(self) -> None:
        """Tails are opened for the tenants that ask."""

    async def stop(self) -> None:
        for tail in self._tails.values():
            await tail.stop()
        self._tails.clear()

    async def tail(self, tenant: str) -> TenantTail:
        async with self._opening:
            if tenant not in self._tails:
                await self._close_idle()
                tail = await self._open(topic("anomalies", tenant))
                await tail.start()
                self._tails[tenant] = tail
            return self._tails[tenant]

    async def _close_idle(self) -> None:
        """Only a new tenant makes the number of readers grow, so its coming is the time to close others."""
        for tenant, tail in list(self._tails.items()):
            if tail.idle_seconds >= LINGER_SECONDS:
                del self._tails[tenant]
                await tail.stop()

    async def _open(self, name: str) -> TenantTail:
        known = name in await self._log.topics()
        end = await self._log.end_offsets(name) if known else {}
        begin = await self._log.begin_offsets(name) if known else {}
        share = self._ring_size // max(len(end), 1)
        start = {partition: max(begin[partition], last - share) for partition, last in end.items()}

        def open_reader(positions: Positions) -> Reader:
            return self._log.reader(
                [name], {TopicPartition(name, partition): offset for partition, offset in positions.items()}
            )

        return TenantTail(open_reader, self._codec, Ring(self._ring_size, start), end, self._clock)

    async def history(self, tenant: str, start: Positions, stop: Positions) -> AsyncGenerator[Found]:
        name = topic("anomalies", tenant)
        for partition, end in sorted(stop.items()):
            begin = start.get(partition, 0)
            if begin >= end:
                continue
            batches = self._log.read(TopicPartition(name, partition), begin, end)
            while (batch := await self._next(batches)) is not None:
                await self._codec.learn(record.value or b"" for record in batch.records)
                for found in decoded(self._codec, batch):
                    yield found

    async def _next(self, batches: AsyncIterator[Batch]) -> Batch | None:
        async with self._reads:
            return await anext(batches, None)
