"""The platform in one process, and who talks to it; a test that needs more of it has its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.e2e.system import System


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    async with System.embedded(tmp_path) as system:
        yield system


@pytest.fixture
async def client(system: System) -> AsyncIterator[Client]:
    async with Client(system.url, system.admin_key()) as client:
        yield client
