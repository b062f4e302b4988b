"""The client for programs with asyncio does what both do."""

from collections.abc import AsyncIterator

import pytest

from tests.specs.client_calls import ClientCallsSpec
from tests.specs.client_feed import ClientFeedSpec
from tests.support.ways import TasksWay


@pytest.fixture
async def way(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TasksWay]:
    way = TasksWay(monkeypatch)
    yield way
    await way.end()


class TestCallsOfTasks(ClientCallsSpec):
    pass


class TestFeedOfTasks(ClientFeedSpec):
    pass
