"""The live feed, read from the event log: one reader per tenant, fanned out to bounded queues."""

import asyncio
from collections.abc import AsyncIterator

import structlog

from ad_chassis.eventlog.errors import LogError
from ad_chassis.eventlog.port import Batch, EventLog, Reader, TopicPartition
from ad_contracts.codec import Codec
from ad_contracts.errors import DecodeError
from ad_contracts.events import AnomalyDetected
from ad_contracts.topics import topic
from ad_gateway.domain.cursor import Positions
from ad_gateway.ports import Found, Place

POLL_SECONDS = 1.0
POLL_RECORDS = 1000
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


class LiveQueue:
    """What one client has not taken yet. When it is full, the client goes back to history."""

    def __init__(self, start: Positions, size: int) -> None:
        self.start = start
        self.closed = False
        self._queue: asyncio.Queue[Found] = asyncio.Queue(size)
        self._behind = False

    def offer(self, found: Found) -> None:
        if self._behind:
            return  # taking more now would leave a hole in the middle
        try:
            self._queue.put_nowait(found)
        except asyncio.QueueFull:
            self._behind = True

    def behind(self) -> bool:
        return self._behind and self._queue.empty()

    async def next(self) -> Found:
        return await self._queue.get()

    def close(self) -> None:
        self.closed = True


class TenantTail:
    """Reads `anomalies.<tenant>` from its end and hands every anomaly to every client."""

    def __init__(self, reader: Reader, codec: Codec) -> None:
        self.reader = reader
        self.clients: list[LiveQueue] = []
        self._codec = codec
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.reader.start()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.reader.stop()

    async def _run(self) -> None:
        while True:
            try:
                batches = await self.reader.poll(POLL_RECORDS, POLL_SECONDS)
            except LogError as error:
                log.warning("the live feed could not be read", reason=str(error))
                await asyncio.sleep(POLL_SECONDS)
                continue
            for batch in batches:
                await self._codec.learn(record.value or b"" for record in batch.records)
                self._fan_out(batch)

    def _fan_out(self, batch: Batch) -> None:
        self.clients = [client for client in self.clients if not client.closed]
        for found in decoded(self._codec, batch):
            for client in self.clients:
                client.offer(found)

    def positions(self) -> Positions:
        return {source.partition: offset for source, offset in self.reader.positions().items()}


class LogFeed:
    """A component: its tails end when it stops."""

    def __init__(self, event_log: EventLog, codec: Codec, queue_size: int) -> None:
        self._log = event_log
        self._codec = codec
        self._queue_size = queue_size
        self._tails: dict[str, TenantTail] = {}
        self._opening = asyncio.Lock()

    async def start(self) -> None:
        """Tails are opened for the tenants that ask."""

    async def stop(self) -> None:
        for tail in self._tails.values():
            await tail.stop()
        self._tails.clear()

    async def open(self, tenant: str) -> LiveQueue:
        async with self._opening:
            tail = self._tails.get(tenant)
            if tail is None:
                tail = TenantTail(self._log.reader([topic("anomalies", tenant)], "latest"), self._codec)
                await tail.start()
                self._tails[tenant] = tail
        # No await between these two lines: what the tail hands out next is what follows these positions.
        queue = LiveQueue(tail.positions(), self._queue_size)
        tail.clients.append(queue)
        return queue

    async def history(self, tenant: str, start: Positions, stop: Positions) -> AsyncIterator[Found]:
        name = topic("anomalies", tenant)
        for partition, end in sorted(stop.items()):
            begin = start.get(partition, 0)
            if begin >= end:
                continue
            async for batch in self._log.read(TopicPartition(name, partition), begin, end):
                await self._codec.learn(record.value or b"" for record in batch.records)
                for found in decoded(self._codec, batch):
                    yield found
