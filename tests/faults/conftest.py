"""A broker and a database of these tests' own, the nursery of workers, and rigs."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from tests.faults import topics
from tests.faults.processes import Nursery
from tests.faults.rig import Rig
from tests.faults.servers import Breakable
from tests.servers.kafka import start_kafka
from tests.servers.plugin import MARK
from tests.servers.postgres import start_postgres
from tests.servers.process import MissingServer, Server
from tests.servers.redis import start_redis

RUNS = int(os.environ.get("RUNS", "1"))
CONTROL = {"streams": 1, "deployments": 1, "records.default": 1, "anomalies.default": 1}
NewRig = Callable[..., Awaitable[Rig]]


def _breakable(make: Callable[[], Server], servant: str | None = None) -> Iterator[Breakable]:
    try:
        server = Breakable(make, servant=servant)
    except (MissingServer, OSError) as error:
        reason = f"{MARK}{error}"
        if os.environ.get("REQUIRE_SERVERS") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    yield server
    server.close()


@pytest.fixture(scope="session")
def kafka() -> Iterator[Breakable]:
    yield from _breakable(start_kafka)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Breakable]:
    yield from _breakable(start_postgres, servant="nobody")


@pytest.fixture(scope="session")
def redis() -> Iterator[Breakable]:
    yield from _breakable(start_redis)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture(scope="session")
async def database(postgres: Breakable) -> str:
    address = urlsplit(postgres.url)
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("CREATE DATABASE faults")
    await connection.close()
    return urlunsplit(address._replace(path="/faults"))


@pytest.fixture(scope="session")
async def broker(kafka: Breakable) -> str:
    await topics.create(kafka.url, CONTROL)
    return kafka.url


@pytest.fixture
async def new_rig(nursery: Nursery, broker: str, database: str, tmp_path: Path) -> AsyncIterator[NewRig]:
    """Makes rigs that end with the test."""
    rigs: list[Rig] = []

    async def new(
        partitions: int = 3, limits: Mapping[str, float] = MappingProxyType({}), **addresses: str
    ) -> Rig:
        """`limits` are settings of the stream."""
        rigs.append(Rig(broker, database, nursery, tmp_path, limits, **addresses))
        return await rigs[-1].open(partitions)

    yield new
    await asyncio.gather(*(rig.close() for rig in rigs))
