"""The event log in one SQLite file: durable, partitioned, for several processes on one machine."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

from ad_chassis.eventlog import embedded_retention as retention
from ad_chassis.eventlog.embedded_catalog import Catalog
from ad_chassis.eventlog.embedded_consumer import MAX_POLL_BYTES, EmbeddedConsumer
from ad_chassis.eventlog.embedded_file import LogFile, Synchronous
from ad_chassis.eventlog.embedded_reader import EmbeddedReader
from ad_chassis.eventlog.embedded_store import append, create_topics, fetch, list_topics, offsets
from ad_chassis.eventlog.errors import LogError
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

log = logging.getLogger(__name__)

READ_RECORDS = 5_000


class EmbeddedLog:
    def __init__(
        self,
        path: Path | str,
        *,
        lease_seconds: float = 10.0,
        synchronous: Synchronous = "NORMAL",
        max_message_bytes: int = 16 << 20,
        retention_every_seconds: float = 60.0,
    ) -> None:
        self._file = LogFile(Path(path), synchronous)
        self._catalog = Catalog(self._file)
        self._partitioner = Partitioner()
        self._lease_seconds = lease_seconds
        self._max_message_bytes = max_message_bytes
        self._retention_every_seconds = retention_every_seconds
        self._retention: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._file.open()
        self._retention = asyncio.create_task(self._keep_retention(), name="event log: retention")

    async def stop(self) -> None:
        if self._retention is not None:
            self._retention.cancel()
            await asyncio.wait([self._retention])
            self._retention = None
        await self._file.close()

    async def check(self) -> None:
        self._file.check()
        await self._file.read(list_topics)

    async def create_topics(self, topics: Mapping[str, TopicConfig]) -> None:
        await self._file.write(partial(create_topics, topics=topics))

    async def erase_topics(self, names: Collection[str]) -> None:
        """The names stay: consumers in other processes know partitions by numbers that must not mean another."""
        for topic in (await self._catalog.find(names)).values():
            for partition_id, (_, end) in (
                await self._file.read(partial(offsets, partition_ids=topic.partition_ids))
            ).items():
                while await self._file.write(
                    partial(retention.forget, partition_id=partition_id, keep_from=end)
                ):
                    continue

    async def topics(self) -> dict[str, int]:
        return await self._file.read(list_topics)

    async def publish(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        if not messages:
            return []
        for message in messages:
            check_size(message, self._max_message_bytes)
        topics = await self._catalog.require({message.topic for message in messages})
        choose = self._partitioner.for_call()
        return await self._file.write(lambda db: append(db, messages, topics, choose))

    async def end_offsets(self, topic: str) -> dict[int, int]:
        return {partition: end for partition, (_, end) in (await self._bounds(topic)).items()}

    async def begin_offsets(self, topic: str) -> dict[int, int]:
        return {partition: begin for partition, (begin, _) in (await self._bounds(topic)).items()}

    async def read(self, source: TopicPartition, start: int, stop: int) -> AsyncIterator[Batch]:
        partition_id = await self._catalog.partition_id(source)
        while start < stop:
            asked = [(partition_id, start)]
            (found,) = await self._file.read(
                partial(fetch, positions=asked, max_records=READ_RECORDS, max_bytes=MAX_POLL_BYTES, stop=stop)
            )
            if not found.records:
                return
            yield Batch(source, found.records)
            start = found.records[-1].offset + 1

    def consumer(
        self,
        group: str,
        topics: Collection[str],
        listener: AssignmentListener,
        start: Start = "earliest",
        delivery: Delivery = "exactly_once",
    ) -> EmbeddedConsumer:
        """Exactly once, always: a transaction of a local file costs nothing more."""
        del delivery
        return EmbeddedConsumer(
            self._file, self._catalog, self._partitioner, group, topics, listener, start,
            self._lease_seconds, self._max_message_bytes,
        )  # fmt: skip

    def reader(
        self, topics: Collection[str], start: Start | Mapping[TopicPartition, int] = "earliest"
    ) -> EmbeddedReader:
        return EmbeddedReader(self._file, self._catalog, topics, start)

    async def forget(self, now_ms: int | None = None) -> None:
        """Removes what the topics' retention allows to; runs by itself every so often."""
        when_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
        for partition_id, keep_from, compacted in await self._file.read(
            partial(retention.expired, now_ms=when_ms)
        ):
            work = retention.forget_tombstones if compacted else retention.forget
            while await self._file.write(partial(work, partition_id=partition_id, keep_from=keep_from)):
                continue

    async def _bounds(self, topic: str) -> dict[int, tuple[int, int]]:
        ids = (await self._catalog.require([topic]))[topic].partition_ids
        found = await self._file.read(partial(offsets, partition_ids=ids))
        return {partition: found[number] for partition, number in enumerate(ids)}

    async def _keep_retention(self) -> None:
        while True:
            await asyncio.sleep(self._retention_every_seconds)
            try:
                await self.forget()
            except LogError:
                log.exception("could not apply the retention of the event log")
