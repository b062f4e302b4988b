"""The client for programs without asyncio does what both do."""

from collections.abc import AsyncIterator, Callable

import pytest

from anomaly_detection import AsyncClient, ClearTextWarning, Client, ClientError
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


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_key_that_can_be_read_on_the_way_is_warned_of_where_the_client_is_made(kind) -> None:
    with pytest.warns(ClearTextWarning, match=r"http://far\.example is not encrypted") as told:
        kind("http://far.example", "ad_one_two")
    assert [each.filename for each in told] == [__file__]
    for url in ("https://far.example", "http://127.0.0.1:8000", "http://localhost:8000"):
        kind(url, "ad_one_two")


class TestCallsOfThreads(ClientCallsSpec):
    pass


class TestFeedOfThreads(ClientFeedSpec):
    pass
