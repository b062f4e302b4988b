"""Replays in SQLite or PostgreSQL."""

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, Update, and_, delete, select, tuple_, update

from ad_chassis.database import EVERY_TENANT, Database, Scope
from ad_chassis.database.unbroken import unbroken
from ad_chassis.http.cursors import place_of
from ad_contracts.cursor import encode
from ad_detection.adapters import tables
from ad_detection.domain.replays import GOING, Publication, Replay, ReplayRequest

columns = tables.replays.c


class Key(NamedTuple):
    """Where a replay stands in the list, newest first."""

    created_ms: int
    id: str


class SqlReplays:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, replay: Replay) -> None:
        row = msgspec.to_builtins(replay) | {"stream": replay.request.stream}
        async with self._database.session(replay.tenant) as session:
            await session.execute(tables.replays.insert(), [row])

    async def get(self, tenant: str, replay_id: str) -> Replay | None:
        query = select(tables.replays).where(columns.tenant == tenant, columns.id == replay_id)
        async with self._database.session(tenant, read_only=True) as session:
            row = (await session.execute(query)).one_or_none()
        return None if row is None else _replay(row)

    async def page(
        self,
        tenant: str,
        stream: str | None,
        limit: int,
        cursor: str | None,
        among: frozenset[str] | None = None,
    ) -> tuple[list[Replay], str | None]:
        """One more row than asked for tells whether there is a next page."""
        query = select(tables.replays).where(columns.tenant == tenant)
        if stream is not None:
            query = query.where(columns.stream == stream)
        if among is not None:
            query = query.where(columns.stream.in_(among))
        if cursor is not None:
            query = query.where(tuple_(columns.created_ms, columns.id) < tuple_(*place_of(cursor, Key)))
        query = query.order_by(columns.created_ms.desc(), columns.id.desc()).limit(limit + 1)
        async with self._database.session(tenant, read_only=True) as session:
            found = [_replay(row) for row in await session.execute(query)]
        shown = found[:limit]
        more = len(found) > limit
        return shown, encode((shown[-1].created_ms, shown[-1].id)) if more else None

    async def change(self, tenant: str, replay_id: str, **changes: Any) -> bool:
        """False, and nothing changed, when the replay has ended or is gone."""
        going = and_(columns.tenant == tenant, columns.id == replay_id, columns.state.in_(GOING))
        query = update(tables.replays).where(going).values(**changes).returning(columns.id)
        return bool(await unbroken(self._write(tenant, query)))

    async def publish(self, tenant: str, replay_id: str, publication: Publication) -> bool:
        """Notes how far the publication of a replay is; False when the replay is gone."""
        its = and_(columns.tenant == tenant, columns.id == replay_id)
        values = {"publication": msgspec.to_builtins(publication)}
        query = update(tables.replays).where(its).values(values).returning(columns.id)
        return bool(await unbroken(self._write(tenant, query)))

    async def beat(self, owner: str, now_ms: int) -> None:
        mine = and_(columns.owner == owner, columns.state.in_(GOING))
        alive = update(tables.replays).where(mine).values(beat_ms=now_ms).returning(columns.id)
        await unbroken(self._write(EVERY_TENANT, alive))

    async def interrupt(
        self, now_ms: int, *, silent_since_ms: int | None = None, owner: str = ""
    ) -> list[Replay]:
        """Ends the replays of processes that gave no sign since then, or of one owner; those that it ended."""
        lost = columns.owner == owner if silent_since_ms is None else columns.beat_ms < silent_since_ms
        query = (
            update(tables.replays)
            .where(lost, columns.state.in_(GOING))
            .values(state="interrupted", finished_ms=now_ms, error="the process that ran it ended")
            .returning(*columns)
        )
        return [_replay(row) for row in await unbroken(self._write(EVERY_TENANT, query))]

    async def _write(self, scope: Scope, query: Update) -> list[Row[Any]]:
        """The rows that it returns. Must not be broken off when a replay, or who looks after it, is cancelled."""
        async with self._database.session(scope) as session:
            return list(await session.execute(query))

    async def remove(self, tenant: str, replay_id: str) -> None:
        async with self._database.session(tenant) as session:
            await session.execute(
                delete(tables.replays).where(columns.tenant == tenant, columns.id == replay_id)
            )


def _replay(row: Row[Any]) -> Replay:
    fields = row._asdict()
    del fields["stream"]  # it stands in the request
    request = msgspec.convert(fields["request"], ReplayRequest)
    publication = msgspec.convert(fields["publication"], Publication | None)
    return Replay(**fields | {"request": request, "publication": publication})
