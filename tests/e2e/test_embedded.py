"""The main job in one process, without any server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.client import Client, Rows
from tests.e2e.system import System
from tests.specs.main_job import MainJobSpec

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    folder: Path = tmp_path_factory.mktemp("embedded")
    async with System.embedded(folder) as system:
        yield system


class TestEmbedded(MainJobSpec):
    async def produce(self, system: System, client: Client, stream: str, rows: Rows) -> None:
        """Over REST, as the only way in."""
        answer = await client.send(stream, rows)
        assert answer["accepted"] == len(rows), answer
