"""Ingestion on real storage: SQLite, the embedded log, a folder as the lake."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from ad_chassis.database.outbox import Outbox
from ad_chassis.errors import NotFound, Unavailable
from ad_chassis.eventlog.errors import Transient
from ad_chassis.eventlog.port import TopicPartition
from ad_chassis.http.problems import install_problems
from ad_chassis.lifecycle import started
from ad_chassis.platform import Platform
from ad_chassis.tenants import RecordRates
from ad_chassis.testing import FakeAuth, memory_platform
from ad_contracts.headers import CloudEvent, read
from ad_ingestion.adapters import tables
from ad_ingestion.adapters.events import EventWriter
from ad_ingestion.adapters.record_log import LogRecords
from ad_ingestion.adapters.sql_store import SqlStore
from ad_ingestion.domain.owners import Owner
from ad_ingestion.domain.streams import Stream
from ad_ingestion.main import build
from ad_ingestion.settings import IngestionSettings
from ad_ingestion.usecases.accept_records import Incoming, Limits, RecordAcceptor
from ad_ingestion.usecases.check_quotas import Gate
from ad_ingestion.usecases.create_stream import create_stream
from ad_ingestion.usecases.publish_batches import BatchPublisher
from tests.support.ingestion import SENSORS
from tests.support.tenants import FixedTenants


class ShakyLog(LogRecords):
    """The real log of records, that refuses while `down`, or after a number of messages."""

    down = False
    parts_taken: int | None = None

    async def publish(self, batch, parts) -> None:
        if self.down:
            raise Transient("the log is down")
        if self.parts_taken is not None:
            taken, self.parts_taken = self.parts_taken, None
            await super().publish(batch, parts[:taken])
            raise Transient("the log went down")
        await super().publish(batch, parts)


class Processes:
    """A host on which only the named processes run."""

    alive: frozenset[int] = frozenset()

    def is_alive(self, pid: int) -> bool:
        return pid in self.alive


class Tenants:
    async def prepare(self, tenant: str) -> None:
        """The topics of the default tenant are there."""

    async def forget(self, tenant: str) -> None:
        """Nothing is followed."""


class Deployments:
    """Remembers from which streams a model was to be withdrawn."""

    def __init__(self) -> None:
        self.withdrawn: list[tuple[str, str]] = []
        self.down = False

    async def withdraw(self, key: tuple[str, str]) -> None:
        if self.down:
            raise Unavailable("model_registry does not answer")
        self.withdrawn.append(key)


@dataclass
class Ingestion:
    platform: Platform
    store: SqlStore
    log: ShakyLog
    processes: Processes = field(default_factory=Processes)
    deployments: Deployments = field(default_factory=Deployments)
    tenants: FixedTenants = field(default_factory=FixedTenants)
    limits: Limits = field(default_factory=lambda: Limits(max_rows=10_000, max_inflated_bytes=1 << 20))

    def __post_init__(self) -> None:
        self.gate = Gate(self.tenants, RecordRates(self.platform.cache), self.store)
        self.publisher = self.new_publisher(Owner.new("here", 1))
        self.acceptor = self.new_acceptor(self.publisher)

    @property
    def lake(self):
        return self.platform.objects

    def new_publisher(self, owner: Owner) -> BatchPublisher:
        return BatchPublisher(self.store, self.platform.objects, self.log, self.processes, owner, 5.0)

    def new_acceptor(self, publisher: BatchPublisher) -> RecordAcceptor:
        return RecordAcceptor(self.store, self.platform.objects, self.log, publisher, self.limits, self.gate)

    async def create(self, name: str = "sensors", **options: Any) -> Stream:
        options = {"tenant": "default", "schema": SENSORS} | options
        return await create_stream(self.store, self.log, Tenants(), self.tenants, name=name, **options)

    async def accept(self, data: bytes, name: str = "sensors", **options: Any):
        options = {"content_type": "application/json"} | options
        return await self.acceptor.accept(Incoming(("default", name), data, **options))

    async def messages(self, topic: str) -> list[tuple[int, CloudEvent, bytes]]:
        """Partition, headers and value of everything that stands on a topic."""
        found = []
        for partition, end in (await self.platform.event_log.end_offsets(topic)).items():
            async for batch in self.platform.event_log.read(TopicPartition(topic, partition), 0, end):
                found += [(partition, read(record.headers), record.value) for record in batch.records]
        return found


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    async with memory_platform(tmp_path) as platform:
        yield platform


@pytest.fixture
async def ingestion(platform: Platform) -> AsyncIterator[Ingestion]:
    database = platform.database(tables.SERVICE, "ad_ingestion.migrations")
    await database.start()
    outbox = Outbox(database, platform.event_log, tables.outbox)
    await outbox.start()
    store = SqlStore(database, outbox, EventWriter(platform.codec))
    yield Ingestion(platform, store, ShakyLog(platform.event_log, platform.codec))
    await outbox.stop()


@dataclass
class Served:
    """The service behind HTTP; `client` makes a client with a token of these options."""

    app: Any
    auth: FakeAuth
    platform: Platform

    def client(self, **options: Any):
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.app),
            base_url="http://ingestion/api/v1",
            headers=self.auth.headers(**options),
        )


def registry() -> FastAPI:
    """A model registry in which no model is deployed."""
    app = FastAPI()
    install_problems(app)

    @app.delete("/api/v1/deployments/{stream}")
    async def withdraw(stream: str) -> None:
        raise NotFound(f"no model is deployed on stream {stream!r}")

    return app


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    auth = FakeAuth()
    async with memory_platform(tmp_path, auth) as platform:
        settings = IngestionSettings(max_rows=5_000, max_inflated_bytes=1 << 20)
        platform.register("model_registry", registry())
        service = build(platform, settings)
        async with started([service]):
            yield Served(service.app, auth, platform)


@pytest.fixture
async def http(served: Served):
    async with served.client() as client:
        yield client
