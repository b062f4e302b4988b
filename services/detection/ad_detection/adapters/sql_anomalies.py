"""Anomalies in SQLite or PostgreSQL."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select, tuple_

from ad_chassis.database import Database, upsert
from ad_chassis.errors import BadRequest
from ad_contracts.events import AnomalyDetected
from ad_detection.adapters import tables
from ad_detection.ports import AnomalyQuery, Page

columns = tables.anomalies.c
Key = tuple[int, str]


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
        cursor = _encode((shown[-1].event_time_ms, shown[-1].id)) if more else None
        return Page([msgspec.convert(row.event, AnomalyDetected) for row in shown], cursor)


def _row(anomaly: AnomalyDetected) -> dict[str, Any]:
    return {
        "id": anomaly.id,
        "tenant": anomaly.tenant,
        "stream": anomaly.stream,
        "entity": anomaly.entity,
        "severity": anomaly.severity,
        "event_time_ms": anomaly.event_time_ms,
        "event": msgspec.to_builtins(anomaly),
    }


def _conditions(query: AnomalyQuery) -> list[Any]:
    found: list[Any] = []
    if query.stream is not None:
        found.append(columns.stream == query.stream)
    if query.entity is not None:
        found.append(columns.entity == query.entity)
    if query.severities:
        found.append(columns.severity.in_(query.severities))
    if query.from_ms is not None:
        found.append(columns.event_time_ms >= query.from_ms)
    if query.to_ms is not None:
        found.append(columns.event_time_ms < query.to_ms)
    if query.cursor is not None:
        found.append(tuple_(columns.event_time_ms, columns.id) < tuple_(*_decode(query.cursor)))
    return found


def _encode(key: Key) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def _decode(cursor: str) -> Key:
    try:
        body = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key: Key = msgspec.json.decode(body, type=Key)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise BadRequest(
            f"the cursor {cursor[:40]!r} was not given out here; leave it out to start"
        ) from error
    return key
