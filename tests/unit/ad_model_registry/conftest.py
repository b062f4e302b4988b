"""A registry on real storage."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ad_chassis.database.outbox import Outbox
from ad_chassis.platform import Platform
from ad_chassis.testing.platform import memory_platform
from ad_detectors.artifact.keyring import KeyRing
from ad_model_registry.adapters import tables
from ad_model_registry.adapters.artifact_reader import SignedArtifacts
from ad_model_registry.adapters.events import EventWriter
from ad_model_registry.adapters.sql_registry import SqlRegistry


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    async with memory_platform(tmp_path) as platform:
        yield platform


@pytest.fixture
async def registry(platform: Platform) -> AsyncIterator[SqlRegistry]:
    database = platform.database(tables.SERVICE, "ad_model_registry.migrations")
    await database.start()
    outbox = Outbox(database, platform.event_log, tables.outbox)
    await outbox.start()
    yield SqlRegistry(database, outbox, EventWriter(platform.codec))
    await outbox.stop()


@pytest.fixture
def reader(platform: Platform) -> SignedArtifacts:
    return SignedArtifacts(KeyRing(platform.keys_dir).trusted, 2**20)
