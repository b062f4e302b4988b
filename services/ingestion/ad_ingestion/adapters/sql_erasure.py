"""What goes with a tenant beside its rows."""

from sqlalchemy import delete, select

from ad_ingestion.adapters import tables
from ad_ingestion.adapters.sql_session import Queries

streams = tables.streams.c
replaced = tables.replaced_files.c


class ErasureQueries(Queries):
    async def forget_streams(self, tenant: str) -> int:
        names = list(await self._session.scalars(select(streams.name).where(streams.tenant == tenant)))
        await self._outbox.add(self._session, [self._events.stream_gone((tenant, name)) for name in names])
        await self._session.execute(delete(tables.streams).where(streams.tenant == tenant))
        return len(names)

    async def forget_replaced_of(self, tenant: str) -> int:
        below = replaced.key.startswith(f"lake/{tenant}/", autoescape=True)
        gone = delete(tables.replaced_files).where(below).returning(replaced.key)
        return len((await self._session.execute(gone)).all())
