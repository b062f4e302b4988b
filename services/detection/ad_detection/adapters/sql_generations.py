"""From which generation on streams count, in SQLite or PostgreSQL."""

from collections.abc import Mapping, Sequence

from sqlalchemy import case, delete, select, tuple_

from ad_chassis.database import EVERY_TENANT, Database, upsert
from ad_detection.adapters import tables
from ad_detection.domain.control import StreamKey

columns = tables.generations.c
STATISTICS = (tables.comparisons, tables.partition_loads, tables.listed_entities)
AT_ONCE = 1_000


class SqlGenerations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, first: Mapping[StreamKey, int]) -> None:
        """What was counted of streams before them goes; their anomalies stay, and are listed no more."""
        keys = sorted(first)
        for start in range(0, len(keys), AT_ONCE):
            await self._save({key: first[key] for key in keys[start : start + AT_ONCE]})

    async def drop(self, keys: Sequence[StreamKey]) -> None:
        """As if these names had never been used."""
        async with self._database.session(EVERY_TENANT) as session:
            named = tuple_(columns.tenant, columns.stream).in_(list(keys))
            await session.execute(delete(tables.generations).where(named))

    async def _save(self, first: Mapping[StreamKey, int]) -> None:
        query = select(tables.generations).where(tuple_(columns.tenant, columns.stream).in_(list(first)))
        async with self._database.session(EVERY_TENANT) as session:
            known = {(row.tenant, row.stream): row.first for row in await session.execute(query)}
            later = [key for key, each in first.items() if each > known.get(key, 1)]
            if not later:
                return
            for table in STATISTICS:
                own = tuple_(table.c.tenant, table.c.stream).in_(later)
                await session.execute(delete(table).where(own))
            rows = [
                {"tenant": tenant, "stream": stream, "first": first[tenant, stream]}
                for tenant, stream in later
            ]
            await upsert(
                session,
                tables.generations,
                rows,
                keys=["tenant", "stream"],
                update=lambda new: {
                    "first": case((new.first > columns.first, new.first), else_=columns.first)
                },
            )
