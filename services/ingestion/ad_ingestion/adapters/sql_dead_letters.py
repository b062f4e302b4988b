"""Queries of dead letters."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, case, delete, func, select, update

from ad_chassis.database import upsert
from ad_chassis.eventlog.port import Message
from ad_ingestion.adapters import tables
from ad_ingestion.adapters.rows import dead_letter_of, dead_letter_row
from ad_ingestion.adapters.sql_session import Queries
from ad_ingestion.domain.dead_letters import DeadLetter, DeadLetterPage, LetterGroup, LetterQuery
from ad_ingestion.domain.replays import ReplayMessage

columns = tables.dead_letters.c
KEYS_AT_ONCE = 1000
MOST_BYTES = 32 << 20
"""Of raw records in memory at a time; one that is larger comes alone."""


class DeadLetterQueries(Queries):
    async def add_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        rows = {row["event_id"]: row for row in map(dead_letter_row, letters)}
        known = await self._known({row["tenant"] for row in rows.values()}, list(rows))
        new = [row for event_id, row in rows.items() if (row["tenant"], event_id) not in known]
        await upsert(self._session, tables.dead_letters, new, keys=["tenant", "event_id"], update=())
        # Ingestion counted its own when it accepted the rest of their body.
        counts = Counter(
            (row["tenant"], row["stream"])
            for row in new
            if row["source"] == "detection" and row["stream"] is not None
        )
        streams = tables.streams.c
        for (tenant, stream), count in counts.items():
            same = (streams.tenant == tenant) & (streams.name == stream)
            await self._session.execute(
                update(tables.streams).where(same).values(rejected=streams.rejected + count)
            )

    async def dead_letters(
        self, tenant: str, query: LetterQuery, before: int | None, limit: int
    ) -> DeadLetterPage:
        newest = select(columns.id).where(*_conditions(tenant, query)).order_by(columns.id.desc())
        if before is not None:
            newest = newest.where(columns.id < before)
        ids, more = await self._bearable(newest, limit)
        shown = await self._letters(ids)
        return DeadLetterPage(shown[::-1], str(ids[-1]) if more else None)

    async def oldest_dead_letters(
        self, tenant: str, query: LetterQuery, after: int, limit: int
    ) -> list[DeadLetter]:
        oldest = select(columns.id).where(*_conditions(tenant, query), columns.id > after)
        ids, _ = await self._bearable(oldest.order_by(columns.id), limit)
        return await self._letters(ids)

    async def dead_letter(self, tenant: str, event_id: str) -> DeadLetter | None:
        same = (columns.tenant == tenant) & (columns.event_id == event_id)
        row = (await self._session.execute(select(tables.dead_letters).where(same))).one_or_none()
        return dead_letter_of(row) if row else None

    async def dead_letter_groups(self, tenant: str, query: LetterQuery, limit: int) -> list[LetterGroup]:
        alike = (columns.stream, columns.source, columns.field, columns.kind)
        count, newest = func.count().label("count"), func.max(columns.id).label("newest")
        groups = (
            select(
                *alike,
                count,
                func.sum(case((columns.state == "open", 1), else_=0)).label("open"),
                func.min(columns.rejected_time_ms).label("first_ms"),
                func.max(columns.rejected_time_ms).label("last_ms"),
                newest,
            )
            .where(*_conditions(tenant, query))
            .group_by(*alike)
            .order_by(count.desc(), newest.desc())
            .limit(limit)
        )
        rows = [row._asdict() for row in await self._session.execute(groups)]
        wanted = select(columns.id, columns.event_id).where(columns.id.in_([row["newest"] for row in rows]))
        examples = {row.id: row.event_id for row in await self._session.execute(wanted)}
        return [LetterGroup(example=examples[row.pop("newest")], **row) for row in rows]

    async def count_dead_letters(self, tenant: str, query: LetterQuery, after: int = 0) -> int:
        counted = select(func.count()).where(*_conditions(tenant, query), columns.id > after)
        return (await self._session.execute(counted)).scalar_one()

    async def mark_replayed(self, letters: Sequence[DeadLetter], now_ms: int) -> bool:
        marked = 0
        for state in {letter.state for letter in letters}:
            ids = [letter.id for letter in letters if letter.state == state]
            same = columns.id.in_(ids) & (columns.state == state)
            changed = update(tables.dead_letters).where(same).values(state="replayed", replayed_ms=now_ms)
            marked += len((await self._session.execute(changed.returning(columns.id))).all())
        return marked == len(letters)

    async def replay(self, messages: Sequence[ReplayMessage]) -> None:
        told = [Message(each.topic, each.value, each.key, each.headers) for each in messages]
        await self._outbox.add(self._session, told)

    async def delete_dead_letter(self, tenant: str, event_id: str) -> bool:
        same = (columns.tenant == tenant) & (columns.event_id == event_id)
        gone = delete(tables.dead_letters).where(same).returning(columns.id)
        return (await self._session.execute(gone)).first() is not None

    async def delete_dead_letters(self, tenant: str, query: LetterQuery) -> int:
        gone = delete(tables.dead_letters).where(*_conditions(tenant, query)).returning(columns.id)
        return len((await self._session.execute(gone)).all())

    async def forget_dead_letters(self, before_ms: int) -> None:
        old = columns.rejected_time_ms < before_ms
        await self._session.execute(delete(tables.dead_letters).where(old))

    async def _bearable(self, ids: Select[tuple[int]], limit: int) -> tuple[list[int], bool]:
        """The first ids that can be held together, and whether there are more."""
        sized = ids.add_columns(func.length(columns.raw)).limit(limit + 1)
        found: list[int] = []
        size = 0
        for letter_id, length in await self._session.execute(sized):
            size += length
            if len(found) == limit or (found and size > MOST_BYTES):
                return found, True
            found.append(letter_id)
        return found, False

    async def _letters(self, ids: Sequence[int]) -> list[DeadLetter]:
        query = select(tables.dead_letters).where(columns.id.in_(ids)).order_by(columns.id)
        return [dead_letter_of(row) for row in await self._session.execute(query)]

    async def _known(self, tenants: set[str], event_ids: list[str]) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for start in range(0, len(event_ids), KEYS_AT_ONCE):
            some = event_ids[start : start + KEYS_AT_ONCE]
            query = select(columns.tenant, columns.event_id).where(
                columns.tenant.in_(tenants), columns.event_id.in_(some)
            )
            found |= {(row.tenant, row.event_id) for row in await self._session.execute(query)}
        return found


def _conditions(tenant: str, query: LetterQuery) -> list[Any]:
    same = {name: getattr(query, name) for name in ("stream", "field", "source", "state")}
    found: list[Any] = [columns.tenant == tenant]
    found += [columns[name] == value for name, value in same.items() if value is not None]
    if query.among is not None:
        found.append(columns.stream.in_(query.among))
    if query.reason is not None:
        found.append(columns.reason.icontains(query.reason, autoescape=True))
    if query.from_ms is not None:
        found.append(columns.rejected_time_ms >= query.from_ms)
    if query.to_ms is not None:
        found.append(columns.rejected_time_ms < query.to_ms)
    return found
