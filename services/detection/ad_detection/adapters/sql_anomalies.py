"""Anomalies in SQLite or PostgreSQL."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, case, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from ad_chassis.database import EVERY_TENANT, Database, insert_new
from ad_chassis.http.cursors import place_of
from ad_contracts.cursor import encode
from ad_contracts.events import AnomalyDetected
from ad_detection.adapters import tables
from ad_detection.adapters.characters import storable
from ad_detection.adapters.matching import matching, of_streams_that_are_there
from ad_detection.adapters.sql_episodes import count_superseded, take_in
from ad_detection.domain.control import StreamKey
from ad_detection.domain.corrections import Told
from ad_detection.domain.replays import Span
from ad_detection.ports import AnomalyQuery, ToldPage

columns = tables.anomalies.c
SHOWN = (columns.event, columns.superseded_by)
THERE = of_streams_that_are_there(columns)
PLACE = ("partition", "offset", "row")
AT_ONCE = 5_000
"""Superseded ones of one statement, which names each three times."""


class RecordKey(NamedTuple):
    """Where an anomaly stands among those of records of a partition, in the order of the log."""

    offset: int
    row: int
    id: str


class SqlAnomalies:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, anomalies: Sequence[AnomalyDetected]) -> None:
        rows = [_row(anomaly) for anomaly in anomalies]
        async with self._database.session(EVERY_TENANT) as session:
            new = await insert_new(session, tables.anomalies, rows, key="id")
            first = {anomaly.id: anomaly for anomaly in anomalies if anomaly.id in new}
            await take_in(session, [each for each in first.values() if not each.retracted])
            await supersede(session, first.values())

    async def get(self, tenant: str, anomaly_id: str) -> Told | None:
        query = select(*SHOWN).where(columns.tenant == tenant, columns.id == anomaly_id, THERE)
        async with self._database.session(tenant, read_only=True) as session:
            row = (await session.execute(query)).one_or_none()
        return None if row is None else _told(row)

    async def find(self, tenant: str, query: AnomalyQuery) -> ToldPage:
        """One more row than asked for tells whether there is a next page."""
        newest = select(columns.event_time_ms, columns.id, *SHOWN)
        newest = newest.where(columns.tenant == tenant, THERE, *_conditions(query))
        newest = newest.order_by(columns.event_time_ms.desc(), columns.id.desc()).limit(query.limit + 1)
        async with self._database.session(tenant, read_only=True) as session:
            rows = (await session.execute(newest)).all()
        shown = rows[: query.limit]
        more = len(rows) > query.limit
        cursor = encode((shown[-1].event_time_ms, shown[-1].id)) if more else None
        return ToldPage([_told(row) for row in shown], cursor)

    async def of_records(self, key: StreamKey, span: Span, limit: int, cursor: str | None) -> ToldPage:
        """What was told of records of the log, in their order; superseded ones and retractions too, no silence."""
        tenant, stream = key
        place = (columns.offset, columns.row, columns.id)
        query = select(*place, *SHOWN).where(
            *(columns.tenant == tenant, columns.stream == stream, columns.kind == "record"),
            *(columns.partition == span.partition, columns.offset >= span.start, columns.offset < span.stop),
        )
        if cursor is not None:
            query = query.where(tuple_(*place) > tuple_(*place_of(cursor, RecordKey)))
        async with self._database.session(tenant, read_only=True) as session:
            rows = (await session.execute(query.order_by(*place).limit(limit + 1))).all()
        shown = rows[:limit]
        more = len(rows) > limit
        return ToldPage([_told(row) for row in shown], encode(tuple(shown[-1][:3])) if more else None)


async def supersede(session: AsyncSession, anomalies: Iterable[AnomalyDetected]) -> None:
    """Marks what new anomalies supersede; what was superseded before stays as it is."""
    pairs = {each.supersedes: each.id for each in anomalies if each.supersedes is not None}
    names, episodes = sorted(pairs), Counter[str]()
    for start in range(0, len(names), AT_ONCE):
        some = {name: pairs[name] for name in names[start : start + AT_ONCE]}
        marked = (
            update(tables.anomalies)
            .where(columns.id.in_(some), columns.superseded_by.is_(None))
            .values(superseded_by=case(some, value=columns.id))
            .returning(columns.episode_id)
        )
        episodes.update(await session.scalars(marked))
    await count_superseded(session, episodes)


def _told(row: Any) -> Told:
    return Told(msgspec.convert(row.event, AnomalyDetected), row.superseded_by)


def _row(anomaly: AnomalyDetected) -> dict[str, Any]:
    event = {name: storable(value) for name, value in msgspec.to_builtins(anomaly).items()}
    own = ("id", "tenant", "stream", "entity", "severity", "event_time_ms", "kind", *PLACE)
    return {
        **{name: event[name] for name in (*own, "retracted", "generation")},
        "episode_id": anomaly.episode_id or anomaly.id,
        "event": event,
    }


def _conditions(query: AnomalyQuery) -> list[ColumnElement[bool]]:
    found = matching(query, columns, begins=columns.event_time_ms, ends=columns.event_time_ms)
    if query.episode_id is not None:
        found.append(columns.episode_id == query.episode_id)
    return (
        found if query.superseded else [columns.superseded_by.is_(None), columns.retracted.is_(False), *found]
    )
