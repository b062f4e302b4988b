"""One service's database: the engine, its sessions, its migrations at the start."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, event, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from ad_chassis.database.failures import told_apart
from ad_chassis.database.migrations import migrate
from ad_chassis.database.row_security import Guard
from ad_chassis.database.scope import Scope, entering
from ad_chassis.settings import normalise_database_url

BUSY_SECONDS = 15.0
READ_ONLY = "ad_read_only"
COMMAND_SECONDS = 30.0
CONNECT_SECONDS = 10.0
"""A connection that a firewall or a fail-over ended without a word would be waited for without end."""
OPEN_SECONDS = 10.0
"""For the first answer of a connection, which may be an old one: shorter than the time that a route has."""
POOL_SECONDS = 8.0
"""For a turn: less than the above, or who waits for others would take them for lost and give up the whole pool."""


class RowSecurityBypassed(RuntimeError):
    """The role has BYPASSRLS; services need one without it."""


class Database:
    """A component: opens its engine and brings the tables up to date when it starts."""

    def __init__(
        self,
        url: str,
        service: str,
        *,
        migrations: str | None = None,
        tables: MetaData | None = None,
        pool_size: int = 5,
    ) -> None:
        """`tables` are those of the service, each of which gets row-level security on PostgreSQL."""
        self.url = normalise_database_url(url)
        self._service = service
        self._migrations = migrations
        self._tables = tables
        self._guard = Guard(None, holds=True)
        self._pool_size = pool_size
        self._engine: AsyncEngine | None = None
        # Writers of one process take turns here, which is faster than SQLite's waiting by sleeping.
        self._writing = asyncio.Lock()
        self._sessions: async_sessionmaker[AsyncSession] | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def engine(self) -> AsyncEngine:
        if self._engine is None:
            raise RuntimeError(f"the database of {self._service} is not started")
        return self._engine

    async def start(self) -> None:
        if self._engine is not None:
            return
        self._engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url, self._pool_size)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        if self._migrations:
            self._guard = await migrate(self._engine, self._migrations, self._service, self._tables)

    async def stop(self) -> None:
        if self._engine is not None:
            engine, self._engine, self._sessions = self._engine, None, None
            await engine.dispose()

    @asynccontextmanager
    async def session(self, scope: Scope, *, read_only: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back by an error. Never open one inside another.

        `scope` is the tenant whose rows it sees, or `EVERY_TENANT`; PostgreSQL holds it to that.
        On SQLite a read-only session does not wait for writers; it must not write. Raises `Unavailable` while the
        database does not answer.
        """
        if self._sessions is None:
            raise RuntimeError(f"the database of {self._service} is not started")
        turn = contextlib.nullcontext() if read_only or not self.is_sqlite else self._writing
        with told_apart(self._service):
            try:
                async with turn, self._sessions() as session, session.begin():
                    await self._enter(session, scope, read_only)
                    yield session
            except TimeoutError:
                # What one connection lost in silence, the others of the pool have lost too.
                await self.engine.dispose()
                raise

    async def _enter(self, session: AsyncSession, scope: Scope, read_only: bool) -> None:
        # SQLite waits for its file by itself.
        async with asyncio.timeout(None if self.is_sqlite else OPEN_SECONDS):
            connection = await _connected(session, read_only)
            if not self.is_sqlite:
                await connection.execute(*entering(scope, self._guard.role))

    async def check(self) -> None:
        """Raises when the database does not answer."""
        async with self.engine.connect() as connection:
            reading = await connection.execution_options(**{READ_ONLY: True})
            await reading.execute(text("SELECT 1"))

    async def check_rows(self) -> None:
        """Raises when the database does not keep the rows of tenants apart."""
        if not self._guard.holds:
            raise RowSecurityBypassed(f"the database role of {self._service} bypasses row-level security")


async def _connected(session: AsyncSession, read_only: bool) -> AsyncConnection:
    try:
        return await session.connection(execution_options={READ_ONLY: read_only})
    except TimeoutError:
        raise
    except OSError as error:
        # Of several addresses that all fail the driver makes an error of no kind.
        raise ConnectionError(str(error)) from error


def _postgresql(url: str, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=True,
        connect_args={"command_timeout": COMMAND_SECONDS, "timeout": CONNECT_SECONDS},
    )


def _sqlite(url: str) -> AsyncEngine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_async_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # sqlite3 would otherwise begin transactions by itself, and only at the first write.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Takes the write lock at once: one that reads first and writes later fails as busy, time-out or not."""
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
