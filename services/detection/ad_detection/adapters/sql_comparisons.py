"""What workers counted of challengers, in SQLite or PostgreSQL."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Row, and_, delete, func, or_, select, tuple_

from ad_chassis.database import EVERY_TENANT, Database, upsert
from ad_detection.adapters import tables
from ad_detection.domain.comparison import FIRST_HOURS, HOUR_MS, LEVELS, Counts, HourlyCounts, Pair
from ad_detection.domain.control import StreamKey

columns = tables.comparisons.c
KEYS = ("tenant", "stream", "champion", "challenger", "hour_ms", "worker")
NUMBERS = ("rows", "champion_alerts", "challenger_alerts", "both")


class SqlComparisons:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, worker: str, counts: Sequence[HourlyCounts]) -> None:
        """What the worker counted so far in its hours, in place of what it said of them before."""
        async with self._database.session(EVERY_TENANT) as session:
            rows = [{"worker": worker, **_row(each)} for each in counts]
            await upsert(session, tables.comparisons, rows, keys=KEYS)

    async def drop(self, worker: str, streams: Sequence[StreamKey]) -> None:
        """What the worker said of these streams."""
        named = tuple_(columns.tenant, columns.stream).in_(list(streams))
        async with self._database.session(EVERY_TENANT) as session:
            await session.execute(delete(tables.comparisons).where(named, columns.worker == worker))

    async def find(self, tenant: str, stream: str, from_ms: int, to_ms: int) -> list[HourlyCounts]:
        """The hours that begin in the range, and the first ones of every comparison that has hours there."""
        mine = and_(columns.tenant == tenant, columns.stream == stream)
        within = and_(columns.hour_ms >= from_ms, columns.hour_ms < to_ms)
        pair = (columns.champion, columns.challenger)
        asked = select(*pair).where(mine, within).distinct().subquery()
        begun = (
            select(*pair, func.min(columns.hour_ms).label("first_ms")).where(mine).group_by(*pair).subquery()
        )
        early = columns.hour_ms < begun.c.first_ms + FIRST_HOURS * HOUR_MS
        query = (
            select(tables.comparisons)
            .join(begun, and_(columns.champion == begun.c.champion, columns.challenger == begun.c.challenger))
            .join(asked, and_(columns.champion == asked.c.champion, columns.challenger == asked.c.challenger))
            .where(mine, or_(within, early))
            .order_by(columns.hour_ms, *pair, columns.worker)
        )
        async with self._database.session(tenant, read_only=True) as session:
            return [_counts(row) for row in await session.execute(query)]

    async def forget(self, before_ms: int) -> None:
        async with self._database.session(EVERY_TENANT) as session:
            await session.execute(delete(tables.comparisons).where(columns.hour_ms < before_ms))


def _row(each: HourlyCounts) -> dict[str, Any]:
    numbers = {name: getattr(each.counts, name) for name in NUMBERS}
    levels = each.counts.levels.ravel().tolist()
    return {**each.pair._asdict(), "hour_ms": each.hour_ms, **numbers, "levels": levels}


def _counts(row: Row[Any]) -> HourlyCounts:
    levels = np.array(row.levels, dtype=np.int64).reshape(LEVELS, LEVELS)
    counts = Counts(**{name: getattr(row, name) for name in NUMBERS}, levels=levels)
    return HourlyCounts(Pair(row.tenant, row.stream, row.champion, row.challenger), row.hour_ms, counts)
