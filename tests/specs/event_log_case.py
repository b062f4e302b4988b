"""What every specification of the event log stands on: logs that stop by themselves, and members that listen."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack

import pytest

from ad_chassis.eventlog.port import (
    Batch,
    Committed,
    Consumer,
    EventLog,
    Message,
    Reader,
    TopicConfig,
    TopicPartition,
)

PATIENCE_SECONDS = 20.0


class Listener:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.assigned: list[tuple[TopicPartition, Committed | None]] = []
        self.revoked: list[TopicPartition] = []

    async def on_assigned(self, source: TopicPartition, committed: Committed | None) -> None:
        self.assigned.append((source, committed))

    async def on_revoked(self, source: TopicPartition) -> None:
        self.revoked.append(source)


class EventLogCase:
    """`connect` gives one more process's view of the same log; `freeze` makes a member miss its heartbeats."""

    async def connect(self) -> EventLog:
        raise AssertionError("the adapter's own test says how to connect")

    def freeze(self, consumer: Consumer) -> None:
        raise AssertionError("the adapter's own test says how to freeze a member")

    @pytest.fixture
    async def stack(self) -> AsyncIterator[AsyncExitStack]:
        async with AsyncExitStack() as stack:
            yield stack

    @pytest.fixture
    async def log(self, stack: AsyncExitStack) -> EventLog:
        return await self.another(stack)

    async def another(self, stack: AsyncExitStack) -> EventLog:
        log = await self.connect()
        await log.start()
        stack.push_async_callback(log.stop)
        return log

    async def topic(self, log: EventLog, partitions: int = 1, *, compacted: bool = False) -> str:
        name = f"t.{uuid.uuid4().hex[:12]}"
        await log.create_topics({name: TopicConfig(partitions, compacted=compacted)})
        return name

    async def member(
        self, stack: AsyncExitStack, log: EventLog, group: str, topic: str, listener: Listener | None = None
    ) -> Consumer:
        consumer = log.consumer(group, [topic], listener or Listener())
        await consumer.start()
        stack.push_async_callback(consumer.stop)
        return consumer


def messages(topic: str, values: Iterable[str], partition: int | None = 0) -> list[Message]:
    return [Message(topic, value.encode(), partition=partition) for value in values]


def values(batches: Iterable[Batch]) -> list[str]:
    return [(record.value or b"").decode() for batch in batches for record in batch.records]


async def take(source: Consumer | Reader, count: int, max_records: int = 1000) -> list[Batch]:
    """Polls until so many records came."""
    batches: list[Batch] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while sum(len(batch.records) for batch in batches) < count:
        assert time.monotonic() < deadline, f"only {values(batches)} came, {count} were expected"
        batches += await source.poll(max_records, 0.2)
    return batches


async def eventually(what: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE_SECONDS / 0.01)):
        if what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def everything(log: EventLog, topic: str) -> list[str]:
    """What a newcomer reads of a topic, by offset range."""
    found: list[Batch] = []
    for partition, end in (await log.end_offsets(topic)).items():
        found += [batch async for batch in log.read(TopicPartition(topic, partition), 0, end)]
    return values(found)


async def shown(log: EventLog, topic: str, count: int) -> list[str]:
    """Everything of a topic, as soon as it is so much: Kafka shows a commit some milliseconds after it returned."""
    for _ in range(int(PATIENCE_SECONDS / 0.02)):
        found = await everything(log, topic)
        if len(found) >= count:
            break
        await asyncio.sleep(0.02)
    return found


def offsets(places: Sequence[tuple[TopicPartition, int]]) -> list[int]:
    return [offset for _, offset in places]
