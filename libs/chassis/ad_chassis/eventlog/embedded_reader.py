"""Follows topics of the embedded log without a group."""

import asyncio
import time
from collections.abc import Collection, Mapping
from functools import partial

from ad_chassis.eventlog.embedded_catalog import Catalog
from ad_chassis.eventlog.embedded_consumer import MAX_POLL_BYTES
from ad_chassis.eventlog.embedded_file import LogFile
from ad_chassis.eventlog.embedded_store import fetch, offsets
from ad_chassis.eventlog.port import Batch, Start, TopicPartition
from ad_chassis.eventlog.waiting import wait_until


class EmbeddedReader:
    def __init__(
        self,
        file: LogFile,
        catalog: Catalog,
        topics: Collection[str],
        start: Start | Mapping[TopicPartition, int],
    ) -> None:
        self._file = file
        self._catalog = catalog
        self._topics = set(topics)
        self._start = start
        self._ids: dict[TopicPartition, int] = {}
        self._positions: dict[TopicPartition, int] = {}
        self._started = False
        self._changed = asyncio.Event()
        self._turn = 0

    async def start(self) -> None:
        self._file.on_change.add(self._changed.set)
        await self._discover()
        self._started = True

    async def stop(self) -> None:
        self._file.on_change.discard(self._changed.set)

    async def poll(self, max_records: int, timeout_seconds: float) -> list[Batch]:
        deadline = time.monotonic() + timeout_seconds
        while True:
            self._changed.clear()
            await self._discover()
            batches = await self._fetch(max_records)
            remaining_seconds = deadline - time.monotonic()
            if batches or remaining_seconds <= 0:
                return batches
            await wait_until(self._changed, remaining_seconds)

    def positions(self) -> dict[TopicPartition, int]:
        return dict(self._positions)

    async def caught_up(self) -> bool:
        await self._discover()
        ids = list(self._ids.values())
        ends = await self._file.read(partial(offsets, partition_ids=ids))
        behind = {source for source, number in self._ids.items() if self._positions[source] < ends[number][1]}
        return not behind

    async def _discover(self) -> None:
        known = {source.topic for source in self._ids}
        if known == self._topics:
            return
        found = await self._catalog.find(self._topics - known)
        for topic in found.values():
            bounds = await self._file.read(partial(offsets, partition_ids=topic.partition_ids))
            for partition, number in enumerate(topic.partition_ids):
                source = TopicPartition(topic.name, partition)
                self._ids[source] = number
                self._positions[source] = self._first(source, *bounds[number])

    def _first(self, source: TopicPartition, begin: int, end: int) -> int:
        """A topic that was created after the start is read from its beginning, whatever the start was."""
        if isinstance(self._start, Mapping):
            return self._start.get(source, begin)
        return end if self._start == "latest" and not self._started else begin

    async def _fetch(self, max_records: int) -> list[Batch]:
        sources = sorted(self._ids)
        if not sources:
            return []
        self._turn = (self._turn + 1) % len(sources)
        sources = sources[self._turn :] + sources[: self._turn]
        asked = [(self._ids[source], self._positions[source]) for source in sources]
        found = await self._file.read(
            lambda db: fetch(db, asked, max_records=max_records, max_bytes=MAX_POLL_BYTES)
        )
        batches = []
        for source, (records, end_offset) in zip(sources, found, strict=True):
            if records:
                self._positions[source] = records[-1].offset + 1
                batches.append(Batch(source, records))
            else:
                self._positions[source] = max(self._positions[source], end_offset)
        return batches
