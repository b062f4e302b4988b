"""What the attacks are run against."""

from collections.abc import AsyncIterator

import pytest

from tests.support.edge import Edge, running_edge
from tests.support.matrix.world import World, running_world


@pytest.fixture(scope="module")
async def edge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    async with running_edge(tmp_path_factory.mktemp("edge")) as edge:
        yield edge


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_world(tmp_path_factory.mktemp("world")) as world:
        yield world
