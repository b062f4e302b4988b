"""Fixtures for real servers: started when the first selected test asks, stopped at the end of the run."""

import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.servers.obtain import KINDS, Kind, obtain
from tests.servers.process import MissingServer

KAFKA, POSTGRES, REDIS = KINDS
# The specifications are plain modules; their assertions should explain themselves as those of tests do.
pytest.register_assert_rewrite("tests.specs")

Started = TypeVar("Started")
MARK = "server not available: "


def required(name: str, start: Callable[[], Started], must: str | None = None) -> Started:
    """A server; without it the test is skipped, or fails where servers, or this one alone, are required (`1`)."""
    try:
        return start()
    except (MissingServer, OSError) as error:
        reason = f"{MARK}{name}: {error}"
        if (must or os.environ.get("REQUIRE_SERVERS")) == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def _serve(kind: Kind) -> Iterator[str]:
    server = required(kind.name, partial(obtain, kind))
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    """The address of a Kafka broker; topics and groups are shared, so tests give theirs unique names."""
    yield from _serve(KAFKA)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    yield from _serve(POSTGRES)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a Redis; keys are shared, so tests give theirs unique names."""
    yield from _serve(REDIS)


@pytest.fixture
async def postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """The address of a new, empty database for one test, as a superuser."""
    async with _new_database(postgres_server) as (_, name):
        yield urlunsplit(urlsplit(postgres_server)._replace(scheme="postgresql", path=f"/{name}"))


@pytest.fixture
async def plain_postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """The same for a role that owns the database and is nothing more."""
    async with _new_database(postgres_server) as (connection, name):
        await connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'")
        await connection.execute(f"ALTER DATABASE {name} OWNER TO {name}")
        address = urlsplit(postgres_server)
        where = f"{name}:{name}@{address.hostname}:{address.port or 5432}"
        yield urlunsplit(address._replace(scheme="postgresql", netloc=where, path=f"/{name}"))
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.execute(f"DROP ROLE {name}")


@asynccontextmanager
async def _new_database(server: str) -> AsyncIterator[tuple[Any, str]]:
    """A connection of the server's superuser, and the name of a database that is gone afterwards."""
    import asyncpg

    connection = await asyncpg.connect(urlunsplit(urlsplit(server)._replace(scheme="postgresql")))
    name = f"test_{uuid.uuid4().hex[:12]}"
    await connection.execute(f'CREATE DATABASE "{name}"')
    yield connection, name
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.close()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Says, as the last thing, what was not tested because this machine lacks a server."""
    yield
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if MARK in text:
            reason = text.split(MARK, 1)[1]
            reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in reasons.items():
        terminalreporter.write_line(f"{count} tests skipped, no server: {reason}", yellow=True)
