"""A member of a Kafka consumer group whose every commit is one transaction.

One transactional producer per partition. Its start fences the former owner, so the committed offset is read only after
it; every later doubt (a failed commit, a time-out) is settled the same way: a new producer, the offset read again.
A rebalance takes all partitions away for a moment; those that come back keep their producer and position, because a
producer that still commits proves that nobody else had the partition meanwhile.

Delivery at least once does without transactions: the outputs are sent, then the offset is committed, which the group
refuses from a member that it went on without.

aiokafka keeps the membership; records come by `KafkaFetch`, so all partitions are paused in aiokafka's own fetcher.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Collection, Sequence
from typing import Any

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from ad_chassis.eventlog.assignment import Assignment, Opened
from ad_chassis.eventlog.errors import Fenced
from ad_chassis.eventlog.kafka_client import (
    KafkaOptions,
    new_consumer,
    new_producer,
    stop_quietly,
    watch_topics,
)
from ad_chassis.eventlog.kafka_errors import translate, translated
from ad_chassis.eventlog.kafka_fetch import KafkaFetch
from ad_chassis.eventlog.kafka_send import send_all
from ad_chassis.eventlog.kafka_topics import KafkaTopics
from ad_chassis.eventlog.partitioner import Partitioner, check_size
from ad_chassis.eventlog.port import (
    AssignmentListener,
    Batch,
    Committed,
    Delivery,
    Message,
    Start,
    TopicPartition,
)

log = logging.getLogger(__name__)


class KafkaConsumer(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no types
    def __init__(
        self,
        options: KafkaOptions,
        topics_of_cluster: KafkaTopics,
        partitioner: Partitioner,
        group: str,
        topics: Collection[str],
        listener: AssignmentListener,
        start: Start,
        delivery: Delivery,
    ) -> None:
        self._options = options
        self._cluster = topics_of_cluster
        self._partitioner = partitioner
        self._group = group
        self._topics = set(topics)
        self._start = start
        self._together = delivery == "exactly_once"
        self._assignment = Assignment(listener, self._open, self._close)
        self._fetch = KafkaFetch(options, self._assignment.changed, self._begin_offset)
        self._turn = 0
        self._producers: dict[TopicPartition, Any] = {}
        self._send_seconds: dict[TopicPartition, float] = {}
        self._fenced: set[TopicPartition] = set()
        self._acknowledged: dict[TopicPartition, int] = {}
        self._wanted: set[TopicPartition] = set()
        self._applying = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._consumer: Any = None
        self._stopping = False

    async def start(self) -> None:
        self._consumer = new_consumer(self._options, self._group)
        with translated():
            await self._consumer.start()
        await self._fetch.start()
        await self._follow()

    async def stop(self) -> None:
        if self._consumer is None or self._stopping:
            return
        self._stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._assignment.lose(list(self._assignment.held))
        await self._fetch.stop()
        await stop_quietly(self._consumer)
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def subscribe(self, topics: Collection[str]) -> None:
        # The same topics again would make the whole group rebalance for nothing.
        if set(topics) == self._topics:
            return
        self._topics = set(topics)
        if self._consumer is not None:
            await self._follow()

    async def _follow(self) -> None:
        if self._topics:
            self._consumer.subscribe(topics=sorted(self._topics), listener=self)
        else:
            self._consumer.unsubscribe()
            self._wanted = set()
            await self._apply()

    async def poll(self, max_records: int, timeout_seconds: float) -> list[Batch]:
        deadline = time.monotonic() + timeout_seconds
        while True:
            self._assignment.changed.clear()
            batches = self._take(max_records)
            remaining_seconds = deadline - time.monotonic()
            if batches or remaining_seconds <= 0.0:
                return batches
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(remaining_seconds):
                    await self._assignment.changed.wait()

    async def commit(self, batch: Batch, outputs: Sequence[Message], metadata: str = "") -> None:
        held = self._assignment.require(batch.source)
        async with held.committing:
            held.check(batch)
            for message in outputs:
                check_size(message, self._options.max_message_bytes)
            topics = await self._cluster.require({message.topic for message in outputs})
            producer = self._producers.get(batch.source)
            if producer is None:
                raise Fenced(f"{batch.source} has no producer any more: rewind it first")
            try:
                async with asyncio.timeout(self._options.transaction_timeout_ms / 1000):
                    store = self._transact if self._together else self._send_then_commit
                    await store(producer, batch, outputs, topics, metadata)
            except BaseException as error:
                # Whether it was stored is unknown now; only a new producer and the committed offset can tell.
                self._drop(batch.source)
                if not isinstance(error, (KafkaError, OSError, TimeoutError)):
                    raise
                failure = translate(error)
                if isinstance(failure, Fenced):
                    self._fenced.add(batch.source)
                raise failure from error
            held.finish(batch)
            self._acknowledged[batch.source] = batch.next_offset

    async def rewind(self, source: TopicPartition) -> None:
        if source in self._fenced:
            # If another member took over, the next heartbeat says so; fencing it back would only waste its work.
            self._fenced.discard(source)
            await asyncio.sleep(self._options.heartbeat_ms * 1.5 / 1000)
        await self._assignment.reopen(source)

    def pause(self, source: TopicPartition) -> None:
        self._assignment.pause(source)

    def resume(self, source: TopicPartition) -> None:
        self._assignment.resume(source)

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._assignment.held)

    async def lag(self) -> dict[TopicPartition, int]:
        held = [one for one in self._assignment.held.values() if one.ready]
        with translated():
            ends = await self._consumer.end_offsets([KafkaPartition(*one.source) for one in held])
        return {one.source: max(0, ends[KafkaPartition(*one.source)] - one.position) for one in held}

    async def oldest_waiting_ms(self) -> dict[TopicPartition, int]:
        known = {source: self._fetch.oldest_ms(source) for source in self._assignment.held}
        return {source: time_ms for source, time_ms in known.items() if time_ms is not None}

    def send_seconds(self, source: TopicPartition) -> float:
        return self._send_seconds.get(source, 0.0)

    async def on_partitions_revoked(self, revoked: Collection[KafkaPartition]) -> None:
        """Lets commits under way finish; what really goes is known only at the next assignment."""
        held = [self._assignment.held.get(TopicPartition(*source)) for source in revoked]
        for one in held:
            if one is not None:
                async with one.committing:
                    continue

    def on_partitions_assigned(self, assigned: Collection[KafkaPartition]) -> None:
        """Returns at once, because aiokafka sends no heartbeat while it waits here."""
        if self._stopping:
            return
        if self._options.instance_id is not None:
            watch_topics(self._consumer, self._topics)
        self._wanted = {TopicPartition(*source) for source in assigned}
        for source in self._wanted:
            self._consumer.pause(KafkaPartition(*source))
        self._spawn(self._apply())

    async def _apply(self) -> None:
        async with self._applying:
            await self._assignment.lose(self._assignment.held.keys() - self._wanted)
            self._assignment.gain(sorted(self._wanted - self._assignment.held.keys()))

    async def _transact(
        self, producer: Any, batch: Batch, outputs: Sequence[Message], topics: Any, metadata: str
    ) -> None:
        offsets = {KafkaPartition(*batch.source): OffsetAndMetadata(batch.next_offset, metadata)}
        await producer.begin_transaction()
        await self._send(producer, batch.source, outputs, topics)
        await producer.send_offsets_to_transaction(offsets, self._group)
        await producer.commit_transaction()

    async def _send_then_commit(
        self, producer: Any, batch: Batch, outputs: Sequence[Message], topics: Any, metadata: str
    ) -> None:
        await self._send(producer, batch.source, outputs, topics)
        offset = OffsetAndMetadata(batch.next_offset, metadata)
        await self._consumer.commit({KafkaPartition(*batch.source): offset})

    async def _send(
        self, producer: Any, source: TopicPartition, outputs: Sequence[Message], topics: Any
    ) -> None:
        started = time.perf_counter()
        if outputs:
            await send_all(producer, outputs, topics, self._partitioner.for_call())
        self._send_seconds[source] = time.perf_counter() - started if outputs else 0.0

    def _take(self, max_records: int) -> list[Batch]:
        """What has been read ahead; another partition comes first every time."""
        ready = self._assignment.ready()
        self._turn += 1
        start = self._turn % len(ready) if ready else 0
        turn = {held.source: held for held in [*ready[start:], *ready[:start]]}
        return [turn[batch.source].hand_out(batch) for batch in self._fetch.take_some(turn, max_records)]

    async def _open(self, source: TopicPartition) -> Opened:
        self._drop(source)
        name = f"{self._group}-{source.topic}-{source.partition}" if self._together else None
        producer = new_producer(self._options, name)
        try:
            with translated():
                await producer.start()
        except BaseException:
            self._spawn(stop_quietly(producer))
            raise
        self._producers[source] = producer
        committed = await self._cluster.committed(self._group, source)
        self._tell_of_lost(source, committed)
        position = committed.offset if committed is not None else await self._first_offset(source)
        self._fetch.follow(source, position)
        return Opened(committed, position)

    def _tell_of_lost(self, source: TopicPartition, committed: Committed | None) -> None:
        """Kafka lets go of commits while a partition that they touch has no leader, see ADR 45."""
        acknowledged, found = self._acknowledged.pop(source, 0), 0 if committed is None else committed.offset
        if found < acknowledged:
            log.error(
                "Kafka acknowledged the commit of %s up to offset %d and has %d now: outputs of what is between them"
                " may come twice or be missing. It happens when all replicas of a partition stop at once",
                source,
                acknowledged,
                found,
            )

    async def _first_offset(self, source: TopicPartition) -> int:
        if self._start == "earliest":
            return await self._begin_offset(source)
        asked = KafkaPartition(*source)
        with translated():
            return int((await self._consumer.end_offsets([asked]))[asked])

    async def _begin_offset(self, source: TopicPartition) -> int:
        asked = KafkaPartition(*source)
        with translated():
            return int((await self._consumer.beginning_offsets([asked]))[asked])

    async def _close(self, source: TopicPartition) -> None:
        self._fetch.forget(source)
        self._fenced.discard(source)
        self._acknowledged.pop(source, None)
        self._send_seconds.pop(source, None)
        producer = self._producers.pop(source, None)
        if producer is not None:
            await stop_quietly(producer)

    def _drop(self, source: TopicPartition) -> None:
        producer = self._producers.pop(source, None)
        if producer is not None:
            self._spawn(stop_quietly(producer))

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
