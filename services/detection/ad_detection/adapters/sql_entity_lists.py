"""Lists of cold, evicted and refused entities, in SQLite or PostgreSQL."""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from ad_chassis.database import EVERY_TENANT, Database, upsert
from ad_chassis.http.cursors import place_of
from ad_contracts.cursor import encode
from ad_detection.adapters import tables
from ad_detection.adapters.characters import storable
from ad_detection.domain.control import StreamKey
from ad_detection.domain.listing import KEPT, LISTS, Changes, Listed, ListName
from ad_detection.ports import ListPage

columns = tables.listed_entities.c
KEYS = ("tenant", "stream", "list", "id")
IDS = 1_000
"""Names in one statement."""
TRIM_SHARE = 10
"""A list is cut to its length when so many rows came as are a tenth of it."""


class Key(NamedTuple):
    """Where an entity stands in its list, the one noted last first."""

    last_ms: int
    id: str


class SqlEntityLists:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._added: Counter[tuple[StreamKey, ListName]] = Counter()
        """Rows since a list was cut to its length."""

    async def save(self, changes: Mapping[StreamKey, Changes]) -> None:
        """Adds to what is listed, takes those off that have warmed up, and keeps the latest."""
        rows = [
            _row(key, name, listed)
            for key, each in changes.items()
            for name in LISTS
            for listed in each.listed[name]
        ]
        # Two workers that write at the same time take the same rows in the same order.
        rows.sort(key=lambda row: [row[name] for name in KEYS])
        async with self._database.session(EVERY_TENANT) as session:
            for key, each in sorted(changes.items()):
                await _take_off(session, key, sorted(each.warmed))
            await upsert(session, tables.listed_entities, rows, keys=KEYS, update=_sum)
            for key, each in sorted(changes.items()):
                for name in LISTS:
                    self._added[key, name] += len(each.listed[name])
                    if self._added[key, name] > KEPT // TRIM_SHARE:
                        await _trim(session, key, name)
                        del self._added[key, name]

    async def drop(self, keys: Sequence[StreamKey]) -> None:
        """All that is listed of these streams."""
        named = tuple_(columns.tenant, columns.stream).in_(list(keys))
        async with self._database.session(EVERY_TENANT) as session:
            await session.execute(delete(tables.listed_entities).where(named))

    async def cold(self, keys: Sequence[StreamKey]) -> dict[StreamKey, list[str]]:
        """The entities that are listed as cold, the latest at the end, of streams that have some."""
        mine = tuple_(columns.tenant, columns.stream).in_(list(keys))
        query = select(columns.tenant, columns.stream, columns.entity).where(columns.list == "cold", mine)
        found: dict[StreamKey, list[str]] = {}
        async with self._database.session(EVERY_TENANT, read_only=True) as session:
            for tenant, stream, entity in await session.execute(query.order_by(columns.last_ms, columns.id)):
                found.setdefault((tenant, stream), []).append(entity)
        return found

    async def page(self, key: StreamKey, name: ListName, limit: int, cursor: str | None) -> ListPage:
        """One more row than asked for tells whether there is a next page."""
        query = select(tables.listed_entities).where(_of(key, name))
        if cursor is not None:
            query = query.where(tuple_(columns.last_ms, columns.id) < tuple_(*place_of(cursor, Key)))
        query = query.order_by(columns.last_ms.desc(), columns.id.desc()).limit(limit + 1)
        async with self._database.session(key[0], read_only=True) as session:
            rows = (await session.execute(query)).all()
        shown, more = rows[:limit], len(rows) > limit
        items = [Listed(row.entity, row.records, row.first_ms, row.last_ms) for row in shown]
        return ListPage(items, encode((shown[-1].last_ms, shown[-1].id)) if more else None)

    async def forget(self, before_ms: int) -> None:
        async with self._database.session(EVERY_TENANT) as session:
            await session.execute(delete(tables.listed_entities).where(columns.last_ms < before_ms))


async def _take_off(session: AsyncSession, key: StreamKey, warmed: list[str]) -> None:
    for start in range(0, len(warmed), IDS):
        ids = [_id(entity) for entity in warmed[start : start + IDS]]
        await session.execute(delete(tables.listed_entities).where(_of(key, "cold"), columns.id.in_(ids)))


async def _trim(session: AsyncSession, key: StreamKey, name: ListName) -> None:
    """Of those that were noted in the same millisecond all stay."""
    last = select(columns.last_ms).where(_of(key, name)).order_by(columns.last_ms.desc())
    oldest = last.offset(KEPT - 1).limit(1).scalar_subquery()
    await session.execute(delete(tables.listed_entities).where(_of(key, name), columns.last_ms < oldest))


def _of(key: StreamKey, name: ListName) -> ColumnElement[bool]:
    tenant, stream = key
    return and_(columns.tenant == tenant, columns.stream == stream, columns.list == name)


def _row(key: StreamKey, name: ListName, each: Listed) -> dict[str, Any]:
    own = each._asdict() | {"entity": storable(each.entity), "id": _id(each.entity)}
    return dict(zip(("tenant", "stream"), key, strict=True)) | {"list": name} | own


def _id(entity: str) -> str:
    """A name may be longer than an index takes."""
    return blake2b(storable(entity).encode(), digest_size=16).hexdigest()


def _sum(new: Any) -> dict[str, Any]:
    return {
        "records": columns.records + new.records,
        "first_ms": case((new.first_ms < columns.first_ms, new.first_ms), else_=columns.first_ms),
        "last_ms": case((new.last_ms > columns.last_ms, new.last_ms), else_=columns.last_ms),
    }
