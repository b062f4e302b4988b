"""Queries of the files of the lake."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, insert, select

from ad_chassis.database import upsert
from ad_ingestion.adapters import tables
from ad_ingestion.adapters.rows import file_of, file_row, stream_of
from ad_ingestion.adapters.sql_session import Queries
from ad_ingestion.domain.lake import LakeFile, RecordQuery
from ad_ingestion.domain.streams import Stream

files = tables.lake_files.c
replaced = tables.replaced_files.c
letters = tables.dead_letters.c


class FileQueries(Queries):
    async def files(self, stream: Stream, query: RecordQuery) -> list[LakeFile]:
        found = select(tables.lake_files).where(_of(stream))
        if query.from_ms is not None:
            found = found.where(files.max_time_ms >= query.from_ms)
        if query.to_ms is not None:
            found = found.where(files.min_time_ms < query.to_ms)
        rows = await self._session.execute(found.order_by(files.id.desc() if query.latest else files.id))
        return [file_of(row) for row in rows]

    async def small_files(self, small_rows: int, limit: int) -> list[tuple[Stream, list[LakeFile]]]:
        owner = (files.tenant, files.stream, files.generation)
        crowded = (
            select(*owner)
            .where(files.rows <= small_rows)
            .group_by(*owner)
            .having(func.count() >= limit)
            .subquery()
        )
        streams = tables.streams.c
        query = select(tables.streams).join(
            crowded,
            (streams.tenant == crowded.c.tenant)
            & (streams.name == crowded.c.stream)
            & (streams.generation == crowded.c.generation),
        )
        found = [stream_of(row) for row in await self._session.execute(query)]
        return [(stream, await self._published_files(stream)) for stream in found]

    async def replace_files(
        self, stream: Stream, old: Sequence[LakeFile], joined: LakeFile, now_ms: int
    ) -> bool:
        same = _of(stream) & files.id.in_([file.id for file in old])
        there = await self._session.execute(select(files.id).where(same).with_for_update())
        if len(there.all()) != len(old):
            return False
        await self._session.execute(delete(tables.lake_files).where(same))
        await self._session.execute(
            insert(tables.lake_files).values(file_row(stream, joined) | {"id": joined.id})
        )
        rows = [{"key": file.key, "replaced_ms": now_ms} for file in old]
        await upsert(self._session, tables.replaced_files, rows, keys=["key"])
        return True

    async def replaced_files(self, before_ms: int, limit: int) -> list[str]:
        query = select(replaced.key).where(replaced.replaced_ms < before_ms).limit(limit)
        return list((await self._session.execute(query)).scalars())

    async def forget_replaced(self, keys: Sequence[str]) -> None:
        await self._session.execute(delete(tables.replaced_files).where(replaced.key.in_(keys)))

    async def purge(self, stream: Stream) -> list[str]:
        keys = select(files.key).where(files.tenant == stream.tenant, files.stream == stream.name)
        found = list((await self._session.execute(keys)).scalars())
        waiting, receipts = tables.unpublished.c, tables.receipts.c
        for table, columns in (
            (tables.lake_files, files),
            (tables.unpublished, waiting),
            (tables.receipts, receipts),
            (tables.dead_letters, letters),
        ):
            await self._session.execute(
                delete(table).where(columns.tenant == stream.tenant, columns.stream == stream.name)
            )
        return found

    async def _published_files(self, stream: Stream) -> list[LakeFile]:
        waiting = select(tables.unpublished.c.file_id)
        query = select(tables.lake_files).where(_of(stream), files.id.not_in(waiting)).order_by(files.id)
        return [file_of(row) for row in await self._session.execute(query)]


def _of(stream: Stream) -> ColumnElement[bool]:
    return (
        (files.tenant == stream.tenant)
        & (files.stream == stream.name)
        & (files.generation == stream.generation)
    )
