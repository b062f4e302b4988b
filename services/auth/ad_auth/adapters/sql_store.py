"""Accounts and sessions in SQLite or PostgreSQL; audit entries go through the outbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from ad_auth.adapters.audit import AuditWriter
from ad_auth.adapters.sql_api_keys import SqlApiKeys
from ad_auth.adapters.sql_roles import SqlRoles
from ad_auth.adapters.sql_sessions import SqlSessions
from ad_auth.adapters.sql_users import SqlUsers
from ad_auth.adapters.tenant_events import TenantWriter
from ad_auth.domain.accounts import Tenant
from ad_auth.ports import AuditEntry
from ad_chassis.database import Database, Scope
from ad_chassis.database.outbox import Outbox


class SqlTransaction(SqlUsers, SqlRoles, SqlApiKeys, SqlSessions):
    def __init__(
        self, session: AsyncSession, outbox: Outbox, audit: AuditWriter, events: TenantWriter
    ) -> None:
        self._session = session
        self._outbox = outbox
        self._audit = audit
        self._events = events
        self.recorded = False

    async def record(self, entry: AuditEntry) -> None:
        await self._outbox.add(self._session, [self._audit.message(entry)])
        self.recorded = True

    async def tell_tenant(self, tenant: Tenant) -> None:
        await self._outbox.add(self._session, [self._events.changed(tenant)])
        self.recorded = True

    async def tell_erased(self, tenant: str) -> None:
        await self._outbox.add(self._session, [self._events.gone(tenant)])
        self.recorded = True


class SqlStore:
    def __init__(self, database: Database, outbox: Outbox, audit: AuditWriter, events: TenantWriter) -> None:
        self._database = database
        self._outbox = outbox
        self._audit = audit
        self._events = events

    @asynccontextmanager
    async def transaction(self, scope: Scope, *, read_only: bool = False) -> AsyncIterator[SqlTransaction]:
        async with self._database.session(scope, read_only=read_only) as session:
            work = SqlTransaction(session, self._outbox, self._audit, self._events)
            yield work
        if work.recorded:
            await self._outbox.publish()
