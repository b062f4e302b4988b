"""Accounts and sessions in SQLite or PostgreSQL; audit entries go through the outbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from ad_auth.adapters.audit import AuditWriter
from ad_auth.adapters.sql_api_keys import SqlApiKeys
from ad_auth.adapters.sql_codes import SqlCodes
from ad_auth.adapters.sql_identities import SqlIdentities
from ad_auth.adapters.sql_roles import SqlRoles
from ad_auth.adapters.sql_sessions import SqlSessions
from ad_auth.adapters.sql_users import SqlUsers
from ad_auth.ports import AuditEntry
from ad_chassis.database import Database
from ad_chassis.database.outbox import Outbox


class SqlTransaction(SqlUsers, SqlRoles, SqlApiKeys, SqlSessions, SqlCodes, SqlIdentities):
    def __init__(self, session: AsyncSession, outbox: Outbox, audit: AuditWriter) -> None:
        self._session = session
        self._outbox = outbox
        self._audit = audit
        self.recorded = False

    async def record(self, entry: AuditEntry) -> None:
        await self._outbox.add(self._session, [self._audit.message(entry)])
        self.recorded = True


class SqlStore:
    def __init__(self, database: Database, outbox: Outbox, audit: AuditWriter) -> None:
        self._database = database
        self._outbox = outbox
        self._audit = audit

    @asynccontextmanager
    async def transaction(self, *, read_only: bool = False) -> AsyncIterator[SqlTransaction]:
        async with self._database.session(read_only=read_only) as session:
            work = SqlTransaction(session, self._outbox, self._audit)
            yield work
        if work.recorded:
            await self._outbox.publish()
