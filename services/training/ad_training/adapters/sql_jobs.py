"""Jobs in SQLite or PostgreSQL; events go through the outbox."""

import dataclasses
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from ad_chassis.database import EVERY_TENANT, Database
from ad_chassis.database.outbox import Outbox
from ad_chassis.database.turns import in_turn
from ad_chassis.database.unbroken import unbroken
from ad_chassis.errors import BadRequest
from ad_chassis.tenants import check_quota
from ad_training.adapters import tables
from ad_training.adapters.events import EventWriter
from ad_training.domain.jobs import Job, Sight, Status, claimed, is_news
from ad_training.ports import Transition

columns = tables.jobs.c


class SqlJobs:
    def __init__(self, database: Database, outbox: Outbox, events: EventWriter) -> None:
        self._database = database
        self._outbox = outbox
        self._events = events

    async def add(self, job: Job, most: int | None = None) -> bool:
        async with self._database.session(job.tenant) as session:
            if await _find(session, job.tenant, job.id) is not None:
                return False
            if most is not None:
                await _check_quota(session, job.tenant, most)
            await session.execute(tables.jobs.insert(), [_document(job)])
            await self._outbox.add(session, [self._events.news(job)])
        await self._outbox.publish()
        return True

    async def get(self, tenant: str, job_id: str) -> Job | None:
        async with self._database.session(tenant, read_only=True) as session:
            return await _find(session, tenant, job_id)

    async def page(
        self, tenant: str, status: Status | None, after: str | None, limit: int, sight: Sight
    ) -> list[Job]:
        query = select(tables.jobs).where(columns.tenant == tenant)
        if status is not None:
            query = query.where(columns.status == status)
        if sight.streams is not None:
            stream = columns.source["stream"].as_string()
            mine = and_(stream.is_(None), columns.requested_by == sight.subject)
            query = query.where(or_(stream.in_(sight.streams), mine))
        async with self._database.session(tenant, read_only=True) as session:
            if after is not None:
                last = await _find(session, tenant, after)
                if last is None:
                    raise BadRequest("the cursor is none of ours; take it from 'next_cursor' of a page")
                earlier = and_(columns.created_at == last.created_at, columns.id < last.id)
                query = query.where(or_(columns.created_at < last.created_at, earlier))
            query = query.order_by(columns.created_at.desc(), columns.id.desc()).limit(limit)
            return [_job(row) for row in await session.execute(query)]

    async def change(self, tenant: str, job_id: str, transition: Transition) -> Job | None:
        """A job is often cancelled while its progress is being stored."""
        return await unbroken(self._change(tenant, job_id, transition))

    async def _change(self, tenant: str, job_id: str, transition: Transition) -> Job | None:
        async with self._database.session(tenant) as session:
            before = await _find(session, tenant, job_id, for_update=True)
            if before is None:
                return None
            after = transition(before)
            await self._save(session, before, after)
        await self._outbox.publish()
        return after

    async def claim(self, owner: str, now: datetime, lease_until: datetime) -> Job | None:
        query = (
            select(tables.jobs)
            .where(columns.status == "queued")
            .order_by(columns.created_at, columns.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with self._database.session(EVERY_TENANT) as session:
            row = (await session.execute(query)).one_or_none()
            if row is None:
                return None
            before = _job(row)
            after = claimed(before, owner, now, lease_until)
            await self._save(session, before, after)
        await self._outbox.publish()
        return after

    async def renew(self, owner: str, jobs: Collection[tuple[str, str]], lease_until: datetime) -> list[Job]:
        if not jobs:
            return []
        held = and_(
            columns.lease_owner == owner,
            columns.status == "running",
            tuple_(columns.tenant, columns.id).in_(list(jobs)),
        )
        async with self._database.session(EVERY_TENANT) as session:
            await session.execute(update(tables.jobs).where(held).values(lease_until=lease_until))
            return [_job(row) for row in await session.execute(select(tables.jobs).where(held))]

    async def abandoned(self, now: datetime) -> list[Job]:
        query = select(tables.jobs).where(columns.status == "running", columns.lease_until <= now)
        async with self._database.session(EVERY_TENANT, read_only=True) as session:
            return [_job(row) for row in await session.execute(query.order_by(columns.created_at))]

    async def _save(self, session: AsyncSession, before: Job, after: Job) -> None:
        if after == before:
            return
        same = and_(columns.tenant == after.tenant, columns.id == after.id)
        await session.execute(update(tables.jobs).where(same).values(_document(after)))
        if is_news(before, after):
            await self._outbox.add(session, [self._events.news(after)])


async def _check_quota(session: AsyncSession, tenant: str, most: int) -> None:
    """Nobody else of the tenant adds a job until the transaction ends."""
    await in_turn(session, f"quota/{tenant}/jobs")
    query = select(func.count()).where(columns.tenant == tenant, columns.status.in_(("queued", "running")))
    check_quota(
        "jobs", most, (await session.execute(query)).scalar_one(), "wait until one has ended, or cancel one"
    )


async def _find(session: AsyncSession, tenant: str, job_id: str, *, for_update: bool = False) -> Job | None:
    query = select(tables.jobs).where(columns.tenant == tenant, columns.id == job_id)
    row = (await session.execute(query.with_for_update() if for_update else query)).one_or_none()
    return _job(row) if row else None


def _job(row: Row[Any]) -> Job:
    fields = row._asdict()
    return Job(**fields | {"columns": tuple(fields["columns"])})


def _document(job: Job) -> dict[str, Any]:
    fields = {field.name: getattr(job, field.name) for field in dataclasses.fields(job)}
    return fields | {"columns": list(job.columns)}
