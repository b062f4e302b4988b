"""Reads ahead from the leaders of partitions, and keeps what came undecoded until it is taken.

aiokafka's own consumer builds one more object for every record, in Python, at three times the cost of this. What is
buffered is bounded, and a partition that is not taken from holds up no other. It reads on while a batch is in hand,
so that the next one has everything that came meanwhile: small batches late in a row would be the slowest of all.
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any

from aiokafka import TopicPartition as KafkaPartition
from aiokafka import errors as kafka
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest

from ad_chassis.eventlog.errors import LogError, Transient
from ad_chassis.eventlog.kafka_chunk import Chunk
from ad_chassis.eventlog.kafka_client import KafkaOptions
from ad_chassis.eventlog.kafka_errors import translate, translated
from ad_chassis.eventlog.port import Batch, Record, TopicPartition

log = logging.getLogger(__name__)

FirstOffset = Callable[[TopicPartition], Awaitable[int]]
READ_COMMITTED = 1
PARTITION_BYTES = 4 << 20
BUFFERED_BYTES = 64 << 20
AHEAD_BYTES = 1 << 20
"""With so much to take of a partition, no more is fetched."""
AHEAD_SECONDS = 0.005
"""From fetch to fetch while there is something of every partition."""
# While one fetch waits at a broker, no other partition of that broker is fetched: so wait briefly.
WAIT_MS = 50
RETRY_SECONDS = 0.1
WITH_RACKS = 11


class KafkaFetch:
    """Follows the partitions that it is told to, each from an offset on.

    `arrived` is set when there may be something to take that was not there before; `first_offset` is asked when
    an offset is gone.
    """

    def __init__(self, options: KafkaOptions, arrived: asyncio.Event, first_offset: FirstOffset) -> None:
        self._options = options
        self._arrived = arrived
        self._first_offset = first_offset
        self._client: Any = None
        self._next: dict[TopicPartition, int] = {}
        self._chunks: dict[TopicPartition, deque[Chunk]] = {}
        self._ends: dict[TopicPartition, int] = {}
        self._failures: dict[TopicPartition, Exception] = {}
        self._in_flight: dict[int, asyncio.Task[None]] = {}
        self._sent_at: dict[int, float] = {}
        self._loop: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    async def start(self) -> None:
        self._client = AIOKafkaClient(
            bootstrap_servers=self._options.bootstrap_servers,
            metadata_max_age_ms=self._options.metadata_max_age_ms,
            **self._options.security,
        )
        with translated():
            await self._client.bootstrap()
        self._loop = asyncio.create_task(self._run(), name="fetching")

    async def stop(self) -> None:
        tasks = [task for task in (self._loop, *self._in_flight.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    def follow(self, source: TopicPartition, offset: int) -> None:
        """From this offset on; what was read ahead is dropped."""
        self.forget(source)
        self._next[source] = self._ends[source] = offset
        self._chunks[source] = deque()
        self._client.add_topic(source.topic)
        self._wake.set()

    def forget(self, source: TopicPartition) -> None:
        self._next.pop(source, None)
        self._ends.pop(source, None)
        self._chunks.pop(source, None)
        self._failures.pop(source, None)

    def position(self, source: TopicPartition) -> int:
        """The offset that follows what was taken."""
        return self._next[source]

    def take(self, source: TopicPartition, max_records: int) -> list[Record]:
        """Records that are here, at most so many. Raises `Transient` when the last fetch of it failed for good."""
        failure = self._failures.pop(source, None)
        if failure is not None:
            self._wake.set()
            raise failure
        records: list[Record] = []
        chunks = self._chunks.get(source, ())
        while chunks and len(records) < max_records:
            chunk = chunks[0]
            try:
                records += chunk.take(max_records - len(records))
            except kafka.KafkaError as error:
                self.follow(source, self._next[source])
                if records:
                    break
                raise translate(error) from error
            self._next[source] = chunk.position
            if chunk.exhausted:
                chunks.popleft()
            self._wake.set()
        return records

    def take_some(self, sources: Iterable[TopicPartition], max_records: int) -> list[Batch]:
        """A batch of each of these that has records here, in this order, at most so many records in all.

        A failure is raised only when nothing was taken before it: what was taken must not be lost with it, and
        what failed fails again.
        """
        batches: list[Batch] = []
        for source in sources:
            if max_records <= 0:
                break
            try:
                records = self.take(source, max_records)
            except LogError:
                if not batches:
                    raise
                continue
            if records:
                max_records -= len(records)
                batches.append(Batch(source, records))
        return batches

    def oldest_ms(self, source: TopicPartition) -> int | None:
        """When the oldest record was stored that is here and not taken."""
        found = (chunk.oldest_ms() for chunk in self._chunks.get(source, ()))
        return next((time_ms for time_ms in found if time_ms is not None), None)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            wanted, lost = self._wanted()
            if lost:
                self._client.force_metadata_update()
            pause = self._send_fetches(wanted)
            try:
                async with asyncio.timeout(RETRY_SECONDS if lost else pause):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _wanted(self) -> tuple[dict[int, dict[TopicPartition, int]], bool]:
        """What to ask brokers for that have no fetch under way; and whether a partition has no leader now."""
        wanted: dict[int, dict[TopicPartition, int]] = defaultdict(dict)
        lost = False
        for source, offset in self._ends.items():
            if source in self._failures or sum(c.left for c in self._chunks[source]) > AHEAD_BYTES:
                continue
            leader = self._client.cluster.leader_for_partition(KafkaPartition(*source))
            if leader is None or leader < 0:
                lost = True
            elif leader not in self._in_flight:
                wanted[leader][source] = offset
        return wanted, lost

    def _send_fetches(self, wanted: Mapping[int, dict[TopicPartition, int]]) -> float | None:
        """Returns after how many seconds some may be sent that were not urgent now."""
        room = BUFFERED_BYTES - sum(chunk.size for chunks in self._chunks.values() for chunk in chunks)
        now, pause = time.monotonic(), None
        for node, offsets in wanted.items():
            wait = self._sent_at.get(node, 0.0) + AHEAD_SECONDS - now
            if wait > 0.0 and all(self._chunks[source] for source in offsets):
                pause = min(wait, pause or wait)
            elif room > 0:
                self._sent_at[node] = now
                task = asyncio.create_task(self._fetch(node, offsets, room), name=f"fetch from {node}")
                self._in_flight[node] = task
                task.add_done_callback(partial(self._landed, node))
        return pause

    def _landed(self, node: int, task: asyncio.Task[None]) -> None:
        del self._in_flight[node]
        if not task.cancelled() and task.exception() is not None:
            log.error("a fetch from broker %s failed", node, exc_info=task.exception())
        self._wake.set()

    async def _fetch(self, node: int, offsets: Mapping[TopicPartition, int], room: int) -> None:
        topics: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for source, offset in offsets.items():
            topics[source.topic].append((source.partition, offset, PARTITION_BYTES))
        request = FetchRequest(WAIT_MS, 1, room, READ_COMMITTED, list(topics.items()))
        try:
            response = await self._client.send(node, request)
        except (kafka.KafkaError, OSError) as error:
            log.warning("broker %s could not be asked for records: %s", node, error)
            self._client.force_metadata_update()
            await asyncio.sleep(RETRY_SECONDS)
            return
        pause = False
        for topic, partitions in response.topics:
            for number, code, _, *part in partitions:
                source = TopicPartition(topic, number)
                if self._ends.get(source) != offsets.get(source):
                    continue  # followed from elsewhere meanwhile, or not at all
                if code == 0:
                    aborted = part[2] if response.API_VERSION >= WITH_RACKS else part[-2]
                    self._keep(source, Chunk(offsets[source], part[-1] or b"", aborted))
                else:
                    pause = True
                    await self._refused(source, offsets[source], kafka.for_code(code))
        if pause:
            await asyncio.sleep(RETRY_SECONDS)

    def _keep(self, source: TopicPartition, chunk: Chunk) -> None:
        if chunk.size == 0:
            return
        if chunk.too_large:
            if not self._chunks[source]:
                self._fail(source, Transient(f"{source}: the batch at {chunk.position} does not come whole"))
            return
        self._chunks[source].append(chunk)
        self._ends[source] = chunk.following()
        self._arrived.set()

    async def _refused(self, source: TopicPartition, offset: int, error: type[kafka.KafkaError]) -> None:
        """A leader that moved is looked up again; an offset that is gone is passed over, and that is said.

        Retention was faster than this reader: what it deleted must not stop what follows.
        """
        if issubclass(error, kafka.OffsetOutOfRangeError):
            try:
                first = await self._first_offset(source)
            except LogError as gone:
                log.warning(
                    "%s has no offset %s, and its first one could not be asked for: %s", source, offset, gone
                )
                return
            log.error("%s has no offset %s any more; it goes on at %s", source, offset, first)
            self.follow(source, first)
        elif issubclass(error, kafka.TopicAuthorizationFailedError):
            self._fail(source, translate(error(source.topic)))
        else:
            log.warning("no records of %s from offset %s: %s", source, offset, error.__name__)
            self._client.force_metadata_update()

    def _fail(self, source: TopicPartition, failure: Exception) -> None:
        self._failures[source] = failure
        self._arrived.set()
