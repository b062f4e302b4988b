"""Brings accepted batches to the log, each once, those of one stream in the order of their acceptance."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

import structlog

from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import NotFound, Unavailable
from ad_chassis.eventlog.errors import LogError
from ad_ingestion.domain.batches import Unpublished
from ad_ingestion.domain.lake import from_parquet
from ad_ingestion.domain.messages import Part, cut
from ad_ingestion.domain.owners import Owner, is_gone
from ad_ingestion.domain.streams import StreamKey
from ad_ingestion.ports import Lake, ProcessTable, RecordLog, Store

FLUSH_SECONDS = 1.0
log = structlog.get_logger(__name__)


class BatchPublisher:
    """A batch that the log did not take waits; its stream takes no more until it went through."""

    def __init__(
        self,
        store: Store,
        lake: Lake,
        records: RecordLog,
        processes: ProcessTable,
        owner: Owner,
        publish_seconds: float = 20.0,
    ) -> None:
        self._store = store
        self._lake = lake
        self._records = records
        self._processes = processes
        self._owner = owner
        self._publish_seconds = publish_seconds
        self._order: dict[StreamKey, asyncio.Lock] = {}
        self._behind: set[StreamKey] = set()
        self._told: dict[StreamKey, int] = {}
        self._done: dict[int, str] = {}

    @property
    def owner(self) -> str:
        return str(self._owner)

    def in_order(self, key: StreamKey) -> AbstractAsyncContextManager[None]:
        """Held from the commit of a batch to its publication, so that the log and the lake have one order."""
        return self._order.setdefault(key, asyncio.Lock())

    def require_up_to_date(self, key: StreamKey) -> None:
        """Accepting more than the log takes would only make the wait longer."""
        if key in self._behind:
            raise Unavailable(
                f"the event log does not take the records of stream {key[1]!r} now; nothing was stored, try again",
                headers={"Retry-After": "1"},
            )

    def finished(self, tenant: str | None = None) -> list[int]:
        """What was published and may be struck off with the next transaction: of a tenant, or of all."""
        return [each for each, its in self._done.items() if tenant in (None, its)]

    def struck_off(self, file_ids: Sequence[int]) -> None:
        for each in file_ids:
            self._done.pop(each, None)

    async def publish(self, batch: Unpublished, parts: Sequence[Part], revision: int) -> None:
        """Raises nothing over a failure: the batch is accepted already, so it is published now or later."""
        try:
            async with asyncio.timeout(self._publish_seconds):
                await self._tell_stream(batch.stream, revision)
                await self._records.publish(batch, parts)
        except Exception:
            log.warning("a batch waits to be published", batch=batch.batch_id, exc_info=True)
            self._behind.add(batch.stream)
        else:
            self._done[batch.file_id] = batch.stream[0]

    async def flush(self) -> None:
        """Strikes off what was published."""
        done = self.finished()
        if done:
            async with self._store.transaction(EVERY_TENANT) as work:
                await work.published(done)
            self.struck_off(done)

    async def catch_up(self) -> None:
        """Publishes what waits: batches of this process that failed, and those of processes that are gone."""
        await self.flush()
        before = set(self._behind)
        async with self._store.transaction(EVERY_TENANT, read_only=True) as work:
            waiting = await work.unpublished()
        stuck: set[StreamKey] = set()
        for batch in waiting:
            mine = batch.stream not in stuck and await self._is_mine_to_publish(batch)
            if mine and not await self._publish_again(batch):
                stuck.add(batch.stream)
        self._behind = (self._behind - before) | stuck
        await self.flush()

    async def _is_mine_to_publish(self, batch: Unpublished) -> bool:
        if batch.owner == self.owner:
            return batch.stream in self._behind
        owner = Owner.parse(batch.owner)
        age_seconds = time.time() - batch.accepted_ms / 1000
        alive = self._processes.is_alive(owner.pid)
        if not is_gone(owner, self._owner, alive=alive, age_seconds=age_seconds):
            return False
        async with self._store.transaction(EVERY_TENANT) as work:
            return await work.claim(batch, self.owner)

    async def _publish_again(self, batch: Unpublished) -> bool:
        """Only those messages that are not in the log yet: part of a batch may have got through."""
        async with self.in_order(batch.stream):
            try:
                async with asyncio.timeout(self._publish_seconds):
                    await self._publish_missing(batch)
            except Exception:
                log.warning("a batch still waits to be published", batch=batch.batch_id, exc_info=True)
                self._behind.add(batch.stream)
                return False
        self._done[batch.file_id] = batch.stream[0]
        return True

    async def _publish_missing(self, batch: Unpublished) -> None:
        async with self._store.transaction(batch.stream[0], read_only=True) as work:
            stream = await work.stream(batch.stream)
        if stream is None or stream.deleted or stream.generation != batch.generation or stream.schema is None:
            log.info("a batch of a deleted stream is not published", batch=batch.batch_id)
            return
        try:
            frame = from_parquet(await self._lake.get(batch.lake_key))
        except NotFound:
            log.error("a batch is not in the lake any more", batch=batch.batch_id, key=batch.lake_key)
            return
        await self._tell_stream(batch.stream, stream.revision)
        partitions = await self._records.partitions(batch.topic)
        parts = await asyncio.to_thread(cut, frame, stream.name, stream.schema, partitions)
        present = await self._records.present(batch)
        await self._records.publish(
            batch, [part for part in parts if part.event_id(batch.batch_id) not in present]
        )

    async def _tell_stream(self, key: StreamKey, revision: int) -> None:
        """Detection must learn of a stream before its records come."""
        if self._told.get(key, 0) >= revision:
            return
        await self._store.tell()
        async with self._store.transaction(EVERY_TENANT, read_only=True) as work:
            if not await work.is_told(key):
                raise LogError(f"the log does not take the event of stream {key[1]!r}")
        self._told[key] = revision
