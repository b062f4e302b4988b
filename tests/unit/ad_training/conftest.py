"""Training on real storage, between fakes of the services that it calls."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ad_chassis.database.outbox import Outbox
from ad_chassis.platform import Platform
from ad_chassis.testing import FakeAuth
from ad_chassis.testing.platform import memory_platform
from ad_training.adapters import tables
from ad_training.adapters.events import EventWriter
from ad_training.adapters.sql_jobs import SqlJobs
from tests.support.training import FakeIngestion, FakeRegistry


@pytest.fixture
def auth() -> FakeAuth:
    return FakeAuth()


@pytest.fixture
async def platform(tmp_path: Path, auth: FakeAuth) -> AsyncIterator[Platform]:
    async with memory_platform(tmp_path / "data", auth) as platform:
        yield platform


@pytest.fixture
def ingestion(platform: Platform) -> FakeIngestion:
    fake = FakeIngestion()
    platform.register("ingestion", fake.app())
    return fake


@pytest.fixture
def registry(platform: Platform) -> FakeRegistry:
    fake = FakeRegistry()
    platform.register("model_registry", fake.app())
    return fake


@pytest.fixture
async def jobs(platform: Platform) -> AsyncIterator[SqlJobs]:
    database = platform.database(tables.SERVICE, "ad_training.migrations")
    await database.start()
    outbox = Outbox(database, platform.event_log, tables.outbox)
    await outbox.start()
    yield SqlJobs(database, outbox, EventWriter(platform.codec))
    await outbox.stop()
