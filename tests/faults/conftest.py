"""A broker and a database of these tests' own, the nursery of workers, and rigs."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from tests.faults import models, topics
from tests.faults.models import Registry
from tests.faults.processes import Nursery
from tests.faults.rig import Rig
from tests.faults.servers import Breakable
from tests.servers.kafka import start_kafka, start_kafka_cluster
from tests.servers.plugin import required
from tests.servers.postgres import start_postgres
from tests.servers.process import Server
from tests.servers.redis import start_redis
from tests.support.canned_server import running

RUNS = int(os.environ.get("RUNS", "1"))
CONTROL = {"streams": 1, "deployments": 1, "records.default": 1, "anomalies.default": 1}
NewRig = Callable[..., Awaitable[Rig]]


def _breakable(make: Callable[[], Server], servant: str | None = None) -> Iterator[Breakable]:
    server = Breakable(required("of these tests' own", make), servant=servant)
    yield server
    server.close()


@pytest.fixture(scope="session")
def kafka() -> Iterator[Breakable]:
    yield from _breakable(start_kafka)


@pytest.fixture(scope="session")
def brokers() -> Iterator[list[Breakable]]:
    """A cluster in which each partition stands at all three."""
    servers = list(map(Breakable, required("three brokers", start_kafka_cluster)))
    yield servers
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
async def cluster(brokers: list[Breakable]) -> str:
    addresses = ",".join(broker.url for broker in brokers)
    await topics.create(addresses, CONTROL)
    return addresses


@pytest.fixture(scope="session")
def postgres() -> Iterator[Breakable]:
    yield from _breakable(partial(start_postgres, outlives_itself=True), servant="nobody")


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


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with running() as canned:
        yield models.publish(canned, tmp_path_factory.mktemp("registry") / "keys")


@pytest.fixture
def switching(request: pytest.FixtureRequest) -> bool:
    """Models change all the time in the first run of each fault, and in every other one after it."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    return parameters.get("run", 1) % 2 == 0


@pytest.fixture
async def new_rig(
    nursery: Nursery, broker: str, database: str, registry: Registry, switching: bool, tmp_path: Path
) -> AsyncIterator[NewRig]:
    """Makes rigs that end with the test."""
    rigs: list[Rig] = []

    async def new(
        partitions: int = 3,
        limits: Mapping[str, float] = MappingProxyType({}),
        *,
        switching: bool = switching,
        brokers: str = broker,
        **addresses: str,
    ) -> Rig:
        """`limits` are settings of the stream; where `switching`, models change all the time."""
        given = registry if switching else None
        rigs.append(Rig(brokers, database, nursery, tmp_path, limits, given, **addresses))
        return await rigs[-1].open(partitions)

    yield new
    await asyncio.gather(*(rig.close() for rig in rigs))
