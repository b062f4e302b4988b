"""The client for programs without asyncio does what both do."""

from collections.abc import AsyncIterator

import pytest

from tests.specs.client_calls import ClientCallsSpec
from tests.specs.client_feed import ClientFeedSpec
from tests.support.ways import ThreadsWay


@pytest.fixture
async def way(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ThreadsWay]:
    way = ThreadsWay(monkeypatch)
    yield way
    await way.end()


class TestCallsOfThreads(ClientCallsSpec):
    pass


class TestFeedOfThreads(ClientFeedSpec):
    pass
