"""Streams, files, receipts and dead letters in SQLite or PostgreSQL; events go through the outbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from ad_chassis.database import Database, Scope
from ad_chassis.database.outbox import Outbox
from ad_ingestion.adapters.events import EventWriter
from ad_ingestion.adapters.sql_batches import BatchQueries
from ad_ingestion.adapters.sql_dead_letters import DeadLetterQueries
from ad_ingestion.adapters.sql_erasure import ErasureQueries
from ad_ingestion.adapters.sql_files import FileQueries
from ad_ingestion.adapters.sql_quotas import QuotaQueries
from ad_ingestion.adapters.sql_streams import StreamQueries


class SqlTransaction(
    StreamQueries, BatchQueries, FileQueries, DeadLetterQueries, QuotaQueries, ErasureQueries
):
    def __init__(
        self, session: AsyncSession, outbox: Outbox, events: EventWriter, *, read_only: bool
    ) -> None:
        self._session = session
        self._outbox = outbox
        self._events = events
        self._read_only = read_only


class SqlStore:
    def __init__(self, database: Database, outbox: Outbox, events: EventWriter) -> None:
        self._database = database
        self._outbox = outbox
        self._events = events

    @asynccontextmanager
    async def transaction(self, scope: Scope, *, read_only: bool = False) -> AsyncIterator[SqlTransaction]:
        async with self._database.session(scope, read_only=read_only) as session:
            yield SqlTransaction(session, self._outbox, self._events, read_only=read_only)

    async def tell(self) -> None:
        await self._outbox.publish()
