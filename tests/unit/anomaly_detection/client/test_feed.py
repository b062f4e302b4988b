"""The live feed: cursors, back-off, and what ends it."""

from itertools import islice

import pytest

from anomaly_detection.client.address import Address
from anomaly_detection.client.feed import LONGEST_WAIT_SECONDS, Feed
from anomaly_detection.client.problems import ServerError
from tests.support.canned_server import KEY, Close

READY = {"type": "ready", "cursor": "c0"}


def arrived(number: int) -> dict:
    return {"type": "anomaly", "cursor": f"c{number}", "anomaly": {"id": number}}


class Watched:
    """A feed whose notes and waits are kept."""

    def __init__(self, address: Address) -> None:
        self.notes: list[str] = []
        self.waits: list[float] = []
        self.feed = Feed(address, {}, self.notes.append, self.waits.append)

    def take(self, count: int) -> list[int]:
        return [anomaly["id"] for anomaly in islice(self.feed.anomalies(), count)]


@pytest.fixture
def watched(address: Address) -> Watched:
    return Watched(address)


def test_every_new_connection_begins_at_the_cursor_of_the_last_message(server, watched) -> None:
    heartbeat = {"type": "heartbeat", "cursor": "c9"}
    server.connections = [[READY, Close()], [arrived(1), heartbeat, Close()], [arrived(2)]]
    assert watched.take(2) == [1, 2]
    assert [seen.query.get("after") for seen in server.seen] == [None, ["c0"], ["c9"]]
    assert watched.notes.count("connected again") == 2


def test_the_greeting_is_told_once(server, address) -> None:
    watched = Watched(address)
    watched.feed.greeting = "following"
    server.connections = [[READY, Close()], [READY, arrived(1)]]
    assert watched.take(1) == [1]
    assert watched.notes[0] == "following"
    assert watched.notes.count("following") == 1


def test_waits_grow_until_a_message_arrives(server, watched) -> None:
    server.connections = [[READY, Close()], [Close()], [Close()], [arrived(1), Close()], [arrived(2)]]
    assert watched.take(2) == [1, 2]
    for wait, seconds in zip(watched.waits, [0.5, 1.0, 2.0, 0.5], strict=True):
        assert 0.75 * seconds <= wait <= 1.25 * seconds


def test_no_wait_is_longer_than_the_longest(server, watched) -> None:
    server.connections = [[READY, Close()], *([[Close()]] * 8), [arrived(1)]]
    assert watched.take(1) == [1]
    assert max(watched.waits) <= 1.25 * LONGEST_WAIT_SECONDS
    assert len(watched.waits) == 9


def test_a_token_that_has_ended_is_renewed(server, watched) -> None:
    server.connections = [[READY, Close(4401, "the access token has ended")], [arrived(1)]]
    assert watched.take(1) == [1]


@pytest.mark.parametrize("code", [4400, 4401, 4403])
def test_a_refusal_ends_the_feed_with_its_reason(server, watched, code) -> None:
    server.connections = [[Close(code, "not you")]]
    with pytest.raises(ServerError, match="not you"):
        watched.take(1)
    assert watched.waits == []


def test_a_key_that_was_withdrawn_ends_the_feed(server, watched) -> None:
    server.connections = [[READY, Close()], [Close(4401, "the key is not known")]]
    with pytest.raises(ServerError, match="the key is not known; is the API key right"):
        watched.take(1)


def test_a_first_connection_that_fails_is_not_tried_again(server, watched) -> None:
    server.connections = [[Close(4429, "7 clients are connected, which is the limit")]]
    with pytest.raises(ServerError, match="7 clients"):
        watched.take(1)
    nobody = Watched(Address("http://127.0.0.1:9", KEY))
    with pytest.raises(ServerError, match="cannot be reached"):
        nobody.take(1)
    assert nobody.waits == []


@pytest.mark.parametrize("message", ["hello", "[]", {"kind": "x"}])
def test_what_is_no_message_of_the_feed_ends_it(server, watched, message) -> None:
    server.connections = [[message]]
    with pytest.raises(ServerError, match="no message of it"):
        watched.take(1)


def test_a_server_without_a_feed_is_named(server) -> None:
    elsewhere = Watched(Address(f"{server.url}/elsewhere", KEY))
    with pytest.raises(ServerError, match="no live feed"):
        elsewhere.take(1)
