"""Queries of streams."""

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from ad_chassis.errors import Conflict
from ad_ingestion.adapters import tables
from ad_ingestion.adapters.rows import stream_of, stream_row
from ad_ingestion.adapters.sql_session import Queries
from ad_ingestion.domain.streams import Stream, StreamKey

columns = tables.streams.c


class StreamQueries(Queries):
    async def stream(self, key: StreamKey) -> Stream | None:
        query = select(tables.streams).where(columns.tenant == key[0], columns.name == key[1])
        row = (
            await self._session.execute(query if self._read_only else query.with_for_update())
        ).one_or_none()
        return stream_of(row) if row else None

    async def streams(
        self, tenant: str, after: str | None, limit: int, among: frozenset[str] | None = None
    ) -> list[Stream]:
        query = select(tables.streams).where(
            columns.tenant == tenant, columns.name > (after or ""), columns.deleted.is_(False)
        )
        if among is not None:
            query = query.where(columns.name.in_(among))
        rows = await self._session.execute(query.order_by(columns.name).limit(limit))
        return [stream_of(row) for row in rows]

    async def tenants(self) -> set[str]:
        return set((await self._session.execute(select(columns.tenant).distinct())).scalars())

    async def tenants_on(self, topic: str) -> set[str]:
        query = select(columns.tenant).where(columns.topic == topic, columns.deleted.is_(False)).distinct()
        return set((await self._session.execute(query)).scalars())

    async def save_stream(self, stream: Stream) -> None:
        row = stream_row(stream)
        same = (columns.tenant == stream.tenant) & (columns.name == stream.name)
        fresh = stream.created_at == stream.changed_at
        counters = {"accepted": 0, "rejected": 0} if fresh else {}
        changed = update(tables.streams).where(same).values(row | counters).returning(columns.revision)
        if (await self._session.execute(changed)).first() is None:
            try:
                await self._session.execute(insert(tables.streams), [row | {"accepted": 0, "rejected": 0}])
            except IntegrityError as error:
                raise Conflict(
                    f"stream {stream.name!r} was created at the same time by somebody else"
                ) from error
        await self._outbox.add(self._session, [self._events.stream_changed(stream)])

    async def is_told(self, key: StreamKey) -> bool:
        box = tables.outbox.c
        query = select(box.id).where(box.key == self._events.stream_key(key)).limit(1)
        return (await self._session.execute(query)).first() is None

    async def count_batch(self, stream: Stream, accepted: int, rejected: int) -> bool:
        counted = (
            update(tables.streams)
            .where(
                columns.tenant == stream.tenant,
                columns.name == stream.name,
                columns.revision == stream.revision,
                columns.deleted.is_(False),
            )
            .values(accepted=columns.accepted + accepted, rejected=columns.rejected + rejected)
            .returning(columns.revision)
        )
        return (await self._session.execute(counted)).first() is not None
