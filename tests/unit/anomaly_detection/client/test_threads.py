"""The client for programs without asyncio does what both do."""

from collections.abc import AsyncIterator, Callable

import pytest

from anomaly_detection import Client, ClientError
from tests.specs.client_calls import ClientCallsSpec
from tests.specs.client_feed import ClientFeedSpec
from tests.support.ways import ThreadsWay


@pytest.fixture
async def way(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ThreadsWay]:
    way = ThreadsWay(monkeypatch)
    yield way
    await way.end()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Client("ftp://a", "ad_one_two"),
        lambda: Client("http://127.0.0.1:9", "secret"),
        lambda: Client("http://127.0.0.1:9", "ad_one_two").records.send("pumps", "no-such-file.csv"),
        lambda: Client("http://127.0.0.1:9", "ad_one_two").records.send("pumps", [1]),
        lambda: Client("http://127.0.0.1:9", "ad_one_two").models.upload("pumps", "no-such-file.adm"),
        lambda: Client("http://127.0.0.1:9", "ad_one_two").me(),
    ],
    ids=["address", "key", "file", "row", "model", "nobody there"],
)
def test_whatever_a_client_cannot_do_is_one_error_that_programs_can_name(wrong: Callable[[], object]) -> None:
    with pytest.raises(ClientError):
        wrong()


class TestCallsOfThreads(ClientCallsSpec):
    pass


class TestFeedOfThreads(ClientFeedSpec):
    pass
