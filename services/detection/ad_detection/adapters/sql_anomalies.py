"""Anomalies in SQLite or PostgreSQL."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select, tuple_

from ad_chassis.database import Database, upsert
from ad_chassis.http.cursors import place_of
from ad_contracts.cursor import encode
from ad_contracts.events import AnomalyDetected
from ad_detection.adapters import tables
from ad_detection.ports import AnomalyQuery, Page

columns = tables.anomalies.c


class Key(NamedTuple):
    """Where an anomaly stands in the list, newest first."""

    event_time_ms: int
    id: str


class SqlAnomalies:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, anomalies: Sequence[AnomalyDetected]) -> None:
        rows = [_row(anomaly) for anomaly in anomalies]
        async with self._database.session() as session:
            await upsert(session, tables.anomalies, rows, keys=["id"])

    async def get(self, tenant: str, anomaly_id: str) -> AnomalyDetected | None:
        query = select(columns.event).where(columns.tenant == tenant, columns.id == anomaly_id)
        async with self._database.session(read_only=True) as session:
            event = (await session.execute(query)).scalar_one_or_none()
        return None if event is None else msgspec.convert(event, AnomalyDetected)

    async def find(self, tenant: str, query: AnomalyQuery) -> Page:
        """One more row than asked for tells whether there is a next page."""
        newest = select(tables.anomalies).where(columns.tenant == tenant, *_conditions(query))
        newest = newest.order_by(columns.event_time_ms.desc(), columns.id.desc()).limit(query.limit + 1)
        async with self._database.session(read_only=True) as session:
            rows = (await session.execute(newest)).all()
        shown = rows[: query.limit]
        more = len(rows) > query.limit
        cursor = encode((shown[-1].event_time_ms, shown[-1].id)) if more else None
        return Page([msgspec.convert(row.event, AnomalyDetected) for row in shown], cursor)


def _row(anomaly: AnomalyDetected) -> dict[str, Any]:
    event = {name: storable(value) for name, value in msgspec.to_builtins(anomaly).items()}
    own = ("id", "tenant", "stream", "entity", "severity", "event_time_ms")
    return {**{name: event[name] for name in own}, "event": event}


def storable(value: Any) -> Any:
    """PostgreSQL takes no zero character, and JSON may bring one in the name of an entity."""
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


def _conditions(query: AnomalyQuery) -> list[Any]:
    found: list[Any] = []
    if query.stream is not None:
        found.append(columns.stream == query.stream)
    if query.entity is not None:
        found.append(columns.entity == storable(query.entity))
    if query.severities:
        found.append(columns.severity.in_(query.severities))
    if query.from_ms is not None:
        found.append(columns.event_time_ms >= query.from_ms)
    if query.to_ms is not None:
        found.append(columns.event_time_ms < query.to_ms)
    if query.cursor is not None:
        found.append(tuple_(columns.event_time_ms, columns.id) < tuple_(*place_of(query.cursor, Key)))
    return found
