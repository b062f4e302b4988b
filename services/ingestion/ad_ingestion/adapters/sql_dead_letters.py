"""Queries of dead letters."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select, update

from ad_chassis.database import upsert
from ad_ingestion.adapters import tables
from ad_ingestion.adapters.rows import dead_letter_of, dead_letter_row
from ad_ingestion.adapters.sql_session import Queries
from ad_ingestion.domain.dead_letters import DeadLetter, DeadLetterPage
from ad_ingestion.domain.streams import Stream

columns = tables.dead_letters.c
KEYS_AT_ONCE = 1000


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
        self, tenant: str, stream: Stream | None, before: int | None, limit: int
    ) -> DeadLetterPage:
        """Newest first. One more row than asked for tells whether there is a next page."""
        query = select(tables.dead_letters).where(columns.tenant == tenant)
        if stream is not None:
            created_ms = int(stream.created_at.timestamp() * 1000)
            query = query.where(columns.stream == stream.name, columns.rejected_time_ms >= created_ms)
        if before is not None:
            query = query.where(columns.id < before)
        rows = (await self._session.execute(query.order_by(columns.id.desc()).limit(limit + 1))).all()
        shown = [dead_letter_of(row) for row in rows[:limit]]
        return DeadLetterPage(shown, str(shown[-1].id) if len(rows) > limit else None)

    async def _known(self, tenants: set[str], event_ids: list[str]) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for start in range(0, len(event_ids), KEYS_AT_ONCE):
            some = event_ids[start : start + KEYS_AT_ONCE]
            query = select(columns.tenant, columns.event_id).where(
                columns.tenant.in_(tenants), columns.event_id.in_(some)
            )
            found |= {(row.tenant, row.event_id) for row in await self._session.execute(query)}
        return found
