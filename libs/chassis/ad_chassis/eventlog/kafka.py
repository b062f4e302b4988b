"""The event log on Apache Kafka."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition as KafkaPartition

from ad_chassis.eventlog.errors import LogError
from ad_chassis.eventlog.kafka_client import KafkaOptions, new_consumer, new_producer, stop_quietly
from ad_chassis.eventlog.kafka_consumer import KafkaConsumer
from ad_chassis.eventlog.kafka_errors import translated
from ad_chassis.eventlog.kafka_reader import KafkaReader, read_range
from ad_chassis.eventlog.kafka_send import send_all
from ad_chassis.eventlog.kafka_topics import KafkaTopics
from ad_chassis.eventlog.partitioner import Partitioner, check_size
from ad_chassis.eventlog.port import (
    AssignmentListener,
    Batch,
    Delivery,
    Message,
    Start,
    TopicConfig,
    TopicPartition,
)


class KafkaLog:
    def __init__(
        self,
        bootstrap_servers: str,
        *,
        session_timeout_ms: int = 10_000,
        metadata_max_age_ms: int = 2_000,
        max_message_bytes: int = 16 << 20,
        instance_id: str | None = None,
        security: Mapping[str, Any] | None = None,
    ) -> None:
        self._options = KafkaOptions(
            bootstrap_servers,
            session_timeout_ms,
            metadata_max_age_ms,
            max_message_bytes,
            instance_id,
            security or {},
        )
        self._partitioner = Partitioner()
        self._cluster = KafkaTopics(self._options)
        self._producer: Any = None
        self._asker: Any = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        await self._cluster.start()
        self._asker = new_consumer(self._options)
        with translated():
            await self._asker.start()

    async def stop(self) -> None:
        for client in (self._producer, self._asker):
            if client is not None:
                await stop_quietly(client)
        await self._cluster.stop()
        self._producer = self._asker = None

    async def check(self) -> None:
        await self._cluster.list()

    async def create_topics(self, topics: Mapping[str, TopicConfig]) -> None:
        await self._cluster.create(topics)

    async def erase_topics(self, names: Collection[str]) -> None:
        await self._cluster.delete(names)

    async def topics(self) -> dict[str, int]:
        return await self._cluster.list()

    async def publish(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        if not messages:
            return []
        for message in messages:
            check_size(message, self._options.max_message_bytes)
        topics = await self._cluster.require({message.topic for message in messages})
        producer = await self._publisher()
        try:
            with translated():
                return await send_all(producer, messages, topics, self._partitioner.for_call())
        except LogError:
            # A producer whose sequence is broken never recovers; the next call gets a new one.
            if self._producer is producer:
                self._producer = None
            await stop_quietly(producer)
            raise

    async def end_offsets(self, topic: str) -> dict[int, int]:
        sources = await self._partitions(topic)
        with translated():
            found = await self._asker.end_offsets(sources)
        return {source.partition: int(found[source]) for source in sources}

    async def begin_offsets(self, topic: str) -> dict[int, int]:
        sources = await self._partitions(topic)
        with translated():
            found = await self._asker.beginning_offsets(sources)
        return {source.partition: int(found[source]) for source in sources}

    async def read(self, source: TopicPartition, start: int, stop: int) -> AsyncIterator[Batch]:
        ends = await self.end_offsets(source.topic)
        stop = min(stop, ends[source.partition])
        async for batch in read_range(self._options, source, start, stop, self._first_offset):
            yield batch

    def consumer(
        self,
        group: str,
        topics: Collection[str],
        listener: AssignmentListener,
        start: Start = "earliest",
        delivery: Delivery = "exactly_once",
    ) -> KafkaConsumer:
        return KafkaConsumer(
            self._options, self._cluster, self._partitioner, group, topics, listener, start, delivery
        )

    def reader(
        self, topics: Collection[str], start: Start | Mapping[TopicPartition, int] = "earliest"
    ) -> KafkaReader:
        return KafkaReader(self._options, self._cluster, topics, start)

    async def _publisher(self) -> Any:
        async with self._starting:
            if self._producer is None:
                producer = new_producer(self._options)
                with translated():
                    await producer.start()
                self._producer = producer
            return self._producer

    async def _first_offset(self, source: TopicPartition) -> int:
        return (await self.begin_offsets(source.topic))[source.partition]

    async def _partitions(self, topic: str) -> list[KafkaPartition]:
        count = (await self._cluster.require([topic]))[topic]
        return [KafkaPartition(topic, number) for number in range(count)]
