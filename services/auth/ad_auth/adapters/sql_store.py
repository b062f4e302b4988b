"""Accounts, sessions and the audit log in SQLite or PostgreSQL; audit entries are told through the outbox."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from ad_auth.adapters.audit import AuditWriter
from ad_auth.adapters.sql_api_keys import SqlApiKeys
from ad_auth.adapters.sql_audit import SqlAudit
from ad_auth.adapters.sql_codes import SqlCodes
from ad_auth.adapters.sql_identities import SqlIdentities
from ad_auth.adapters.sql_roles import SqlRoles
from ad_auth.adapters.sql_second_factors import SqlSecondFactors
from ad_auth.adapters.sql_sessions import SqlSessions
from ad_auth.adapters.sql_users import SqlUsers
from ad_auth.adapters.tenant_events import TenantWriter
from ad_auth.domain.accounts import Tenant
from ad_auth.ports import AuditEntry
from ad_chassis.database import Database, Scope
from ad_chassis.database.outbox import Outbox
from ad_chassis.eventlog.port import Message
from ad_contracts.events import AuditRecorded

MOST_TELLING = 2
TELL_SECONDS = 1.0


class SqlTransaction(
    SqlUsers, SqlSecondFactors, SqlRoles, SqlApiKeys, SqlSessions, SqlCodes, SqlIdentities, SqlAudit
):
    def __init__(self, session: AsyncSession, audit: AuditWriter, events: TenantWriter) -> None:
        self._session = session
        self._audit = audit
        self._events = events
        self.recorded: list[AuditRecorded] = []
        self.told: list[Message] = []

    async def record(self, entry: AuditEntry) -> None:
        self.recorded.append(self._audit.event(entry))

    async def tell_tenant(self, tenant: Tenant) -> None:
        self.told.append(self._events.changed(tenant))

    async def tell_erased(self, tenant: str) -> None:
        self.told.append(self._events.gone(tenant))


class SqlStore:
    def __init__(self, database: Database, outbox: Outbox, audit: AuditWriter, events: TenantWriter) -> None:
        self._database = database
        self._outbox = outbox
        self._audit = audit
        self._events = events
        self._telling: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def transaction(self, scope: Scope, *, read_only: bool = False) -> AsyncIterator[SqlTransaction]:
        async with self._database.session(scope, read_only=read_only) as session:
            work = SqlTransaction(session, self._audit, self._events)
            yield work
            # Last of all, so that others wait for the head of the chain no longer than for a commit.
            await work.chain(work.recorded)
            work.told += [self._audit.message(event) for event in work.recorded]
            await self._outbox.add(session, work.told)
        if work.told:
            await self._tell()

    async def _tell(self) -> None:
        """Nobody waits long for an event log that is away: what is in the outbox is told later.

        One publication may be under way and one behind it, which tells of all that is committed by then.
        """
        if len(self._telling) < MOST_TELLING:
            task = asyncio.create_task(self._outbox.publish())
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)
        await asyncio.wait(self._telling, timeout=TELL_SECONDS)
