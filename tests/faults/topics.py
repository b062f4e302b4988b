"""What stands on topics, as anybody sees who reads only what was committed. Independent of the code under test."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.errors import KafkaError

TRY_SECONDS = 60.0


async def create(bootstrap: str, partitions: Mapping[str, int]) -> None:
    async with _admin(bootstrap) as admin:
        known = set(await admin.list_topics())
        replicas = min(3, len((await admin.describe_cluster())["brokers"]))
        new = [NewTopic(name, count, replicas) for name, count in partitions.items() if name not in known]
        answer = await admin.create_topics(new)
        assert all(code == 0 for _, code, *_ in answer.topic_errors), answer
    for name, count in partitions.items():
        await _known(bootstrap, name, count)


async def grow(bootstrap: str, topic: str, partitions: int) -> None:
    async with _admin(bootstrap) as admin:
        await admin.create_partitions({topic: NewPartitions(partitions)})
    await _known(bootstrap, topic, partitions)


async def in_sync(bootstrap: str) -> None:
    """Until every replica of every partition has caught up, as one waits between the restarts of brokers."""
    async with asyncio.timeout(TRY_SECONDS), _admin(bootstrap) as admin:
        while True:
            described = await admin.describe_topics()
            places = [place for found in described for place in found["partitions"]]
            if all(len(place["isr"]) == len(place["replicas"]) for place in places):
                return
            await asyncio.sleep(0.1)


async def send(bootstrap: str, topic: str, values: Iterable[bytes | None], **options: Any) -> list[Any]:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, max_request_size=32 << 20
    )
    async with producer:
        return [await producer.send_and_wait(topic, value, **options) for value in values]


async def read(bootstrap: str, topic: str) -> dict[int, list[Any]]:
    """All committed records by partition, in their order."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        max_partition_fetch_bytes=32 << 20,
    )
    async with consumer:
        sources = await _partitions(bootstrap, topic)
        consumer.assign(sources)
        ends = await consumer.end_offsets(sources)
        found: dict[int, list[Any]] = {source.partition: [] for source in sources}
        for source in sources:
            consumer.seek(source, 0)
        async with asyncio.timeout(TRY_SECONDS):
            while any([await consumer.position(source) < ends[source] for source in sources]):
                for source, records in (await consumer.getmany(timeout_ms=50)).items():
                    found[source.partition] += records
    return found


async def ends(bootstrap: str, topic: str) -> dict[int, int]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        sources = await _partitions(bootstrap, topic)
        return {source.partition: end for source, end in (await consumer.end_offsets(sources)).items()}


class Progress:
    """What groups have finished; asked often, so it keeps its connection."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._admin: Any = None

    async def committed(self, group: str, topic: str) -> dict[int, int]:
        """By partition; tries again while there is no broker."""
        async with asyncio.timeout(TRY_SECONDS):
            while True:
                try:
                    found = await (await self._connected()).list_consumer_group_offsets(group)
                except (KafkaError, OSError):
                    await self.close()
                    await asyncio.sleep(0.1)
                else:
                    return {
                        source.partition: note.offset
                        for source, note in found.items()
                        if source.topic == topic
                    }

    async def close(self) -> None:
        if self._admin is not None:
            await self._admin.close()
        self._admin = None

    async def _connected(self) -> Any:
        if self._admin is None:
            admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
            await admin.start()
            self._admin = admin
        return self._admin


@asynccontextmanager
async def _admin(bootstrap: str) -> Any:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def _partitions(bootstrap: str, topic: str) -> list[KafkaPartition]:
    async with _admin(bootstrap) as admin:
        [described] = await admin.describe_topics([topic])
    return [KafkaPartition(topic, number) for number in range(len(described["partitions"]))]


async def _known(bootstrap: str, topic: str, partitions: int) -> None:
    async with asyncio.timeout(TRY_SECONDS):
        while len(await _partitions(bootstrap, topic)) < partitions:
            await asyncio.sleep(0.05)
