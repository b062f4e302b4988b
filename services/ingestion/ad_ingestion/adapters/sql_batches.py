"""Queries of accepted batches: their files, their receipts, and which of them wait for the log."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update

from ad_chassis.database import upsert
from ad_ingestion.adapters import tables
from ad_ingestion.adapters.rows import file_row, receipt_of, receipt_row, unpublished_of, unpublished_row
from ad_ingestion.adapters.sql_session import Queries
from ad_ingestion.domain.batches import KeptReceipt, NewBatch, Unpublished
from ad_ingestion.domain.streams import Stream

waiting = tables.unpublished.c
receipts = tables.receipts.c
KEY = ["tenant", "stream", "generation", "key"]


class BatchQueries(Queries):
    async def add_batch(self, stream: Stream, batch: NewBatch, owner: str) -> Unpublished | None:
        if batch.rejections:
            await self._outbox.add(self._session, self._events.rejections(stream, batch))
        if batch.file is None:
            return None
        added = (
            insert(tables.lake_files).values(file_row(stream, batch.file)).returning(tables.lake_files.c.id)
        )
        stored = Unpublished(
            file_id=(await self._session.execute(added)).scalar_one(),
            batch_id=batch.batch_id,
            lake_key=batch.file.key,
            stream=stream.key,
            generation=stream.generation,
            topic=stream.topic,
            since=batch.since,
            owner=owner,
            accepted_ms=batch.accepted_ms,
        )
        await self._session.execute(insert(tables.unpublished).values(unpublished_row(stored)))
        return stored

    async def receipt(self, stream: Stream, key: str, since_ms: int) -> KeptReceipt | None:
        query = select(tables.receipts).where(
            receipts.tenant == stream.tenant,
            receipts.stream == stream.name,
            receipts.generation == stream.generation,
            receipts.key == key,
            receipts.created_ms >= since_ms,
        )
        row = (await self._session.execute(query)).one_or_none()
        return receipt_of(row) if row else None

    async def keep_receipt(self, stream: Stream, kept: KeptReceipt, now_ms: int) -> None:
        await upsert(self._session, tables.receipts, [receipt_row(stream, kept, now_ms)], keys=KEY)

    async def forget_receipts(self, before_ms: int) -> None:
        await self._session.execute(delete(tables.receipts).where(receipts.created_ms < before_ms))

    async def unpublished(self) -> list[Unpublished]:
        rows = await self._session.execute(select(tables.unpublished).order_by(waiting.file_id))
        return [unpublished_of(row) for row in rows]

    async def claim(self, batch: Unpublished, owner: str) -> bool:
        same = (waiting.file_id == batch.file_id) & (waiting.owner == batch.owner)
        taken = update(tables.unpublished).where(same).values(owner=owner).returning(waiting.file_id)
        return (await self._session.execute(taken)).first() is not None

    async def published(self, file_ids: Sequence[int]) -> None:
        if file_ids:
            await self._session.execute(delete(tables.unpublished).where(waiting.file_id.in_(file_ids)))
