"""Alembic without its command line: run at the start, safe when several processes start at once."""

import asyncio
import hashlib
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from ad_chassis.database.row_security import Guard, secure
from ad_chassis.database.scope import EVERY_TENANT, entering

_locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def migrate(engine: AsyncEngine, package: str, service: str, tables: MetaData | None = None) -> Guard:
    """Brings the tables of a service to the newest revision of `<package>/versions`, and guards their rows."""
    # Alembic's `op` is one for the whole process: migrations of two databases must not run in turns.
    one_at_a_time = _locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    with as_file(files(package)) as folder:
        async with one_at_a_time, engine.connect() as connection, connection.begin():
            # On SQLite the transaction itself is the lock: it begins with BEGIN IMMEDIATE.
            if engine.dialect.name == "postgresql":
                await connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"), {"key": _lock_key(service)}
                )
                # A migration that changes rows means those of every tenant.
                await connection.execute(*entering(EVERY_TENANT, None))
            await connection.run_sync(_upgrade, folder, service)
            if tables is None or engine.dialect.name != "postgresql":
                return Guard(None, holds=True)
            return await connection.run_sync(secure, tables, service)


def version_table(service: str) -> str:
    return f"alembic_version_{service}"


def differences(connection: Connection, metadata: MetaData, service: str) -> list[Any]:
    """What the tables of a service lack or have beyond its models; empty when migrations and models agree."""
    from alembic.autogenerate import compare_metadata

    ours = set(metadata.tables)
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": version_table(service),
            "include_name": lambda name, kind, _parents: kind != "table" or name in ours,
        },
    )
    return list(compare_metadata(context, metadata))


def _upgrade(connection: Connection, folder: Path, service: str) -> None:
    script = ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])

    def to_newest(revision: Any, _context: MigrationContext) -> Any:
        return script._upgrade_revs("heads", revision)  # noqa: SLF001 - as alembic.command does

    with EnvironmentContext(Config(), script, fn=to_newest) as environment:
        environment.configure(
            connection=connection,
            version_table=version_table(service),
            transactional_ddl=False,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with Operations.context(environment.get_context()):
            environment.run_migrations()


def _lock_key(service: str) -> int:
    digest = hashlib.sha256(version_table(service).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
