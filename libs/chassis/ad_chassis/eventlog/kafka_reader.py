"""Follows topics of a Kafka cluster without a group, and reads ranges of offsets."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

from aiokafka import TopicPartition as KafkaPartition

from ad_chassis.eventlog.kafka_client import KafkaOptions, new_consumer, stop_quietly
from ad_chassis.eventlog.kafka_errors import translated
from ad_chassis.eventlog.kafka_topics import KafkaTopics
from ad_chassis.eventlog.port import Batch, Start, TopicPartition

LOOK_SECONDS = 0.2
READ_RECORDS = 5_000


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
        self._positions: dict[TopicPartition, int] = {}
        self._consumer: Any = None
        self._started = False
        self._looked = 0.0

    async def start(self) -> None:
        self._consumer = new_consumer(self._options)
        with translated():
            await self._consumer.start()
        await self._discover()
        self._started = True

    async def stop(self) -> None:
        if self._consumer is not None:
            await stop_quietly(self._consumer)

    async def poll(self, max_records: int, timeout_seconds: float) -> list[Batch]:
        deadline = time.monotonic() + timeout_seconds
        while True:
            await self._discover()
            remaining_seconds = max(0.0, deadline - time.monotonic())
            slice_seconds = remaining_seconds if self._complete() else min(remaining_seconds, LOOK_SECONDS)
            batches = await self._fetch(max_records, slice_seconds)
            if batches or time.monotonic() >= deadline:
                return batches

    def positions(self) -> dict[TopicPartition, int]:
        return dict(self._positions)

    async def caught_up(self) -> bool:
        await self._discover()
        sources = [KafkaPartition(*source) for source in self._positions]
        with translated():
            ends = await self._consumer.end_offsets(sources)
            # The consumer's own position also passes the markers that transactions leave between records.
            reached = {source: await self._consumer.position(source) for source in sources}
        return all(reached[source] >= ends[source] for source in sources)

    def _complete(self) -> bool:
        return {source.topic for source in self._positions} == self._topics

    async def _discover(self) -> None:
        now = time.monotonic()
        if self._complete() or now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        known = {source.topic for source in self._positions}
        found = await self._cluster.find(self._topics - known)
        if not found:
            return
        new = [TopicPartition(name, number) for name, count in found.items() for number in range(count)]
        begins = await self._bounds(new, latest=self._start == "latest" and not self._started)
        given = self._start if isinstance(self._start, Mapping) else {}
        self._positions |= {source: given.get(source, begins[source]) for source in new}
        self._consumer.assign([KafkaPartition(*source) for source in self._positions])
        for source, position in self._positions.items():
            self._consumer.seek(KafkaPartition(*source), position)

    async def _bounds(
        self, sources: Collection[TopicPartition], *, latest: bool
    ) -> dict[TopicPartition, int]:
        ask = self._consumer.end_offsets if latest else self._consumer.beginning_offsets
        with translated():
            found = await ask([KafkaPartition(*source) for source in sources])
        return {source: int(found[KafkaPartition(*source)]) for source in sources}

    async def _fetch(self, max_records: int, timeout_seconds: float) -> list[Batch]:
        if not self._positions:
            await asyncio.sleep(timeout_seconds)
            return []
        with translated():
            found = await self._consumer.getmany(
                timeout_ms=int(timeout_seconds * 1000), max_records=max_records
            )
        batches = [Batch(TopicPartition(*source), records) for source, records in found.items() if records]
        self._positions |= {batch.source: batch.next_offset for batch in batches}
        return batches


async def read_range(
    options: KafkaOptions, source: TopicPartition, start: int, stop: int
) -> AsyncIterator[Batch]:
    """The committed records of a range; control markers inside it are passed."""
    asked = KafkaPartition(*source)
    consumer = new_consumer(options)
    with translated():
        await consumer.start()
    try:
        with translated():
            stop = min(stop, (await consumer.end_offsets([asked]))[asked])
            consumer.assign([asked])
            consumer.seek(asked, start)
            position = start
            while position < stop:
                found = await consumer.getmany(asked, timeout_ms=200, max_records=READ_RECORDS)
                records = [record for record in found.get(asked, []) if record.offset < stop]
                if records:
                    yield Batch(source, records)
                position = await consumer.position(asked)
    finally:
        await stop_quietly(consumer)
