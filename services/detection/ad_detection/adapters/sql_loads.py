"""What workers say of the partitions of streams, in SQLite or PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy import and_, delete, select, tuple_

from ad_chassis.database import EVERY_TENANT, Database, upsert
from ad_detection.adapters import tables
from ad_detection.domain.control import StreamKey
from ad_detection.domain.load import Share, ToldLoad

columns = tables.partition_loads.c
KEYS = ("tenant", "stream", "partition", "worker")


class SqlLoads:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, worker: str, loads: Sequence[ToldLoad]) -> None:
        """What the worker says now, in place of what it said before."""
        async with self._database.session(EVERY_TENANT) as session:
            rows = [{"worker": worker, **load._asdict()} for load in loads]
            await upsert(session, tables.partition_loads, rows, keys=KEYS)

    async def drop(self, worker: str, streams: Sequence[StreamKey]) -> None:
        """What the worker said of these streams."""
        named = tuple_(columns.tenant, columns.stream).in_(list(streams))
        async with self._database.session(EVERY_TENANT) as session:
            await session.execute(delete(tables.partition_loads).where(named, columns.worker == worker))

    async def find(self, tenant: str, stream: str) -> list[ToldLoad]:
        query = select(*(columns[name] for name in ToldLoad._fields)).where(
            and_(columns.tenant == tenant, columns.stream == stream)
        )
        async with self._database.session(tenant, read_only=True) as session:
            return [_load(ToldLoad._make(row)) for row in await session.execute(query)]

    async def forget(self, before_ms: int) -> None:
        async with self._database.session(EVERY_TENANT) as session:
            await session.execute(delete(tables.partition_loads).where(columns.updated_ms < before_ms))


def _load(row: ToldLoad) -> ToldLoad:
    return row._replace(busiest=[Share(entity, share) for entity, share in row.busiest])
