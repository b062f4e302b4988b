"""The audit log in the database: one chain a tenant, to which entries are only added."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Select, insert, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from ad_auth.adapters import tables
from ad_auth.adapters.rows import as_row, many
from ad_auth.domain.audit import AuditFilter, ChainedEntry, Order, chained, milliseconds, named
from ad_auth.domain.credentials import KEY_ID
from ad_chassis.database import upsert
from ad_contracts.audit_chain import NOTHING, Head
from ad_contracts.events import AuditRecorded

entries = tables.audit_entries.c
heads = tables.audit_heads.c
users = tables.users.c
keys = tables.api_keys.c


class SqlAudit:
    _session: AsyncSession

    async def chain(self, events: Sequence[AuditRecorded]) -> None:
        """Tenants in order, so that nobody waits in a circle for the heads of two."""
        ordered = sorted(events, key=lambda event: event.tenant)
        for tenant, theirs in groupby(ordered, key=lambda event: event.tenant):
            await self._append(tenant, {event.id: event for event in theirs})

    async def audit_entries(
        self, tenant: str, wanted: AuditFilter, order: Order, after: int | None, limit: int
    ) -> list[ChainedEntry]:
        query = _filtered(select(tables.audit_entries).where(entries.tenant == tenant), wanted)
        if order == "oldest":
            query = query.where(entries.seq > (after or 0)).order_by(entries.seq)
        else:
            query = query if after is None else query.where(entries.seq < after)
            query = query.order_by(entries.seq.desc())
        return await many(self._session, ChainedEntry, query.limit(limit))

    async def audit_head(self, tenant: str) -> Head:
        query = select(heads.seq, heads.hash).where(heads.tenant == tenant)
        row = (await self._session.execute(query)).one_or_none()
        return Head(*row) if row else Head()

    async def audit_heads(self) -> dict[str, Head]:
        rows = await self._session.execute(select(heads.tenant, heads.seq, heads.hash))
        return {row.tenant: Head(row.seq, row.hash) for row in rows}

    async def _append(self, tenant: str, events: dict[str, AuditRecorded]) -> None:
        head = await self._locked_head(tenant)
        known = select(entries.id).where(entries.tenant == tenant, entries.id.in_(list(events)))
        for each in await self._session.scalars(known):
            del events[each]
        added = chained(head, await self._named(tenant, list(events.values())))
        if added:
            rows = [as_row(tables.audit_entries, entry) for entry in added]
            await self._session.execute(insert(tables.audit_entries), rows)
            newest = update(tables.audit_heads).where(heads.tenant == tenant)
            await self._session.execute(newest.values(seq=added[-1].seq, hash=added[-1].hash))

    async def _named(self, tenant: str, events: Sequence[AuditRecorded]) -> list[AuditRecorded]:
        """By the names of now: an id tells a reader little, and nothing once its account is gone."""
        texts = {text for event in events for text in (event.subject, event.resource) if text}
        ids = sorted(filter(KEY_ID.fullmatch, texts))
        accounts = [
            select(account.id, name).where(account.tenant == tenant, account.id.in_(ids))
            for account, name in ((users, users.username), (keys, keys.name))
        ]
        rows = (await self._session.execute(union_all(*accounts))).all()
        names = {row[0]: row[1] for row in rows}
        return [named(event, names) for event in events]

    async def _locked_head(self, tenant: str) -> Head:
        """Whoever else adds to this chain waits here until we have committed."""
        first = {"tenant": tenant, "seq": 0, "hash": NOTHING}
        await upsert(self._session, tables.audit_heads, [first], keys=["tenant"], update=())
        query = select(heads.seq, heads.hash).where(heads.tenant == tenant).with_for_update()
        return Head(*(await self._session.execute(query)).one())


def _filtered(query: Select[Any], wanted: AuditFilter) -> Select[Any]:
    for column, value in (
        (entries.subject, wanted.subject),
        (entries.action, wanted.action),
        (entries.outcome, wanted.outcome),
    ):
        query = query if value is None else query.where(column == value)
    if wanted.since is not None:
        query = query.where(entries.at_ms >= milliseconds(wanted.since))
    if wanted.until is not None:
        query = query.where(entries.at_ms < milliseconds(wanted.until))
    return query
