"""Follows topics of a Kafka cluster without a group, and reads ranges of offsets."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

from aiokafka import TopicPartition as KafkaPartition

from ad_chassis.eventlog.errors import Transient
from ad_chassis.eventlog.kafka_client import KafkaOptions, new_consumer, stop_quietly
from ad_chassis.eventlog.kafka_errors import translated
from ad_chassis.eventlog.kafka_fetch import FirstOffset, KafkaFetch
from ad_chassis.eventlog.kafka_topics import KafkaTopics
from ad_chassis.eventlog.port import Batch, Start, TopicPartition

LOOK_SECONDS = 0.2
READ_RECORDS = 5_000
READ_SECONDS = 30.0


class KafkaReader:
    def __init__(
        self,
        options: KafkaOptions,
        cluster: KafkaTopics,
        topics: Collection[str],
        start: Start | Mapping[TopicPartition, int],
    ) -> None:
        self._cluster = cluster
        self._options = options
        self._topics = set(topics)
        self._start = start
        self._sources: list[TopicPartition] = []
        self._arrived = asyncio.Event()
        self._fetch = KafkaFetch(options, self._arrived, self._begin_offset)
        self._asker: Any = None
        self._started = False
        self._looked = 0.0

    async def start(self) -> None:
        self._asker = new_consumer(self._options)
        with translated():
            await self._asker.start()
        await self._fetch.start()
        await self._discover()
        self._started = True

    async def stop(self) -> None:
        await self._fetch.stop()
        if self._asker is not None:
            await stop_quietly(self._asker)

    async def poll(self, max_records: int, timeout_seconds: float) -> list[Batch]:
        deadline = time.monotonic() + timeout_seconds
        while True:
            await self._discover()
            self._arrived.clear()
            batches = self._fetch.take_some(self._sources, max_records)
            remaining_seconds = deadline - time.monotonic()
            if batches or remaining_seconds <= 0.0:
                return batches
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(
                    remaining_seconds if self._complete() else min(remaining_seconds, LOOK_SECONDS)
                ):
                    await self._arrived.wait()

    def positions(self) -> dict[TopicPartition, int]:
        return {source: self._fetch.position(source) for source in self._sources}

    async def caught_up(self) -> bool:
        await self._discover()
        with translated():
            ends = await self._asker.end_offsets([KafkaPartition(*source) for source in self._sources])
        # The position also passes the markers that transactions leave between records.
        return all(at >= ends[KafkaPartition(*source)] for source, at in self.positions().items())

    def _complete(self) -> bool:
        return {source.topic for source in self._sources} == self._topics

    async def _discover(self) -> None:
        now = time.monotonic()
        if self._complete() or now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        known = {source.topic for source in self._sources}
        found = await self._cluster.find(self._topics - known)
        new = [TopicPartition(name, number) for name, count in found.items() for number in range(count)]
        given = self._start if isinstance(self._start, Mapping) else {}
        begins = await self._bounds(new, latest=self._start == "latest" and not self._started)
        for source in new:
            self._fetch.follow(source, given.get(source, begins[source]))
        self._sources += new

    async def _bounds(
        self, sources: Collection[TopicPartition], *, latest: bool
    ) -> dict[TopicPartition, int]:
        ask = self._asker.end_offsets if latest else self._asker.beginning_offsets
        with translated():
            found = await ask([KafkaPartition(*source) for source in sources])
        return {source: int(found[KafkaPartition(*source)]) for source in sources}

    async def _begin_offset(self, source: TopicPartition) -> int:
        return (await self._bounds([source], latest=False))[source]


async def read_range(
    options: KafkaOptions, source: TopicPartition, start: int, stop: int, first_offset: FirstOffset
) -> AsyncIterator[Batch]:
    """The committed records of a range that lies within the log; control markers inside it are passed."""
    arrived = asyncio.Event()
    fetch = KafkaFetch(options, arrived, first_offset)
    await fetch.start()
    try:
        fetch.follow(source, start)
        while fetch.position(source) < stop:
            arrived.clear()
            found = fetch.take(source, READ_RECORDS)
            records = [record for record in found if record.offset < stop]
            if records:
                yield Batch(source, records)
            elif fetch.position(source) < stop:
                await _within(READ_SECONDS, arrived, source)
    finally:
        await fetch.stop()


async def _within(seconds: float, arrived: asyncio.Event, source: TopicPartition) -> None:
    try:
        async with asyncio.timeout(seconds):
            await arrived.wait()
    except TimeoutError:
        raise Transient(f"nothing of {source} came for {seconds:.0f} s, though it is stored") from None
