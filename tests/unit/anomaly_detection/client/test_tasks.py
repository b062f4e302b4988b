"""The client for programs with asyncio does what both do."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.specs.client_calls import ClientCallsSpec
from tests.specs.client_feed import READY, ClientFeedSpec
from tests.support.ways import TasksWay


@pytest.fixture
async def way(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TasksWay]:
    way = TasksWay(monkeypatch)
    yield way
    await way.end()


class TestCallsOfTasks(ClientCallsSpec):
    pass


class TestFeedOfTasks(ClientFeedSpec):
    async def test_a_task_that_is_cancelled_leaves_no_connection_behind(self, opened, server) -> None:
        notes: list[str] = []
        following = asyncio.create_task(anext(opened.client.anomalies.follow(note=notes.append)))
        server.connections = [[READY]]
        async with asyncio.timeout(20):
            while not notes:
                await asyncio.sleep(0.01)
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following
        assert opened.client.driver.sockets == set()
