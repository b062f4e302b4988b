"""What of a tenant's quotas is in use."""

from sqlalchemy import func, select

from ad_chassis.database.turns import in_turn
from ad_ingestion.adapters import tables
from ad_ingestion.adapters.rows import reservation_of
from ad_ingestion.adapters.sql_session import Queries
from ad_ingestion.domain.reservations import Reservation


class QuotaQueries(Queries):
    async def streams_in_use(self, tenant: str) -> int:
        streams = tables.streams.c
        await self._turn(tenant, "streams")
        query = select(func.count()).where(streams.tenant == tenant, streams.deleted.is_(False))
        return int((await self._session.execute(query)).scalar_one())

    async def reservations(self, tenant: str) -> list[Reservation]:
        streams = tables.streams.c
        await self._turn(tenant, "entities")
        query = select(streams.name, streams.topic, streams.schema, streams.hints, streams.settings)
        found = await self._session.execute(query.where(streams.tenant == tenant, streams.deleted.is_(False)))
        return [reservation_of(row) for row in found]

    async def storage_in_use(self, tenant: str) -> int:
        files = tables.lake_files.c
        await self._turn(tenant, "storage")
        query = select(func.coalesce(func.sum(files.size_bytes), 0)).where(files.tenant == tenant)
        return int((await self._session.execute(query)).scalar_one())

    async def _turn(self, tenant: str, quota: str) -> None:
        if not self._read_only:
            await in_turn(self._session, f"quota/{tenant}/{quota}")
