"""How both clients follow anomalies: cursors, waits, tokens, and ends. Each inherits this and gives `way`."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from anomaly_detection.client.feed import LONGEST_WAIT_SECONDS
from anomaly_detection.client.problems import ServerError
from tests.specs.client_calls import Renewing
from tests.support.canned_server import KEY, CannedServer, Close, Listen
from tests.support.ways import Way

READY = {"type": "ready", "cursor": "c0"}


def arrived(number: int) -> dict:
    return {"type": "anomaly", "cursor": f"c{number}", "anomaly": {"id": number}}


def ready_until(seconds: float) -> dict:
    end = datetime.now(UTC) + timedelta(seconds=seconds)
    return READY | {"token_expires_time": end.strftime("%Y-%m-%dT%H:%M:%SZ")}


class ClientFeedSpec:
    @pytest.fixture
    def opened(self, way: Way, server: CannedServer) -> Way:
        return way.open(server.url, KEY)

    async def take(self, way: Way, count: int, **filters: object) -> list[int]:
        self.notes: list[str] = []
        follow = way.client.anomalies.follow(note=self.notes.append, **filters)
        return [anomaly["id"] for anomaly in await way.take(follow, count)]

    async def test_every_new_connection_begins_at_the_cursor_of_the_last_message(
        self, opened, server
    ) -> None:
        heartbeat = {"type": "heartbeat", "cursor": "c9"}
        server.connections = [[READY, Close()], [arrived(1), heartbeat, Close()], [arrived(2)]]
        assert await self.take(opened, 2) == [1, 2]
        assert [seen.query.get("after") for seen in server.seen] == [None, ["c0"], ["c9"]]
        assert self.notes.count("connected again") == 2
        assert self.notes[0] == "connected"

    async def test_who_has_seen_enough_leaves_no_connection_behind(self, opened, server) -> None:
        server.connections = [[READY, arrived(1), arrived(2)]]
        assert await self.take(opened, 1) == [1]
        assert opened.client.driver.sockets == set()

    async def test_filters_are_names_or_lists_of_them(self, opened, server) -> None:
        server.connections = [[arrived(1)]]
        await self.take(opened, 1, stream=["a", "b"], entity="p7", severity="high", model="m")
        wanted = {"stream": ["a", "b"], "entity": ["p7"], "severity": ["high"], "model": ["m"]}
        assert server.last.query == wanted
        assert server.last.headers["authorization"] == f"Bearer {KEY}"

    async def test_waits_grow_until_a_message_arrives(self, opened, server) -> None:
        server.connections = [[READY, Close()], [Close()], [Close()], [arrived(1), Close()], [arrived(2)]]
        assert await self.take(opened, 2) == [1, 2]
        for wait, seconds in zip(opened.waits, [0.5, 1.0, 2.0, 0.5], strict=True):
            assert 0.75 * seconds <= wait <= 1.25 * seconds

    async def test_no_wait_is_longer_than_the_longest(self, opened, server) -> None:
        server.connections = [[READY, Close()], *([[Close()]] * 8), [arrived(1)]]
        assert await self.take(opened, 1) == [1]
        assert max(opened.waits) <= 1.25 * LONGEST_WAIT_SECONDS
        assert len(opened.waits) == 9

    async def test_a_token_is_followed_by_another_before_it_ends(self, way, server) -> None:
        login = Renewing()
        opened = way.open(server.url, token=login)
        authenticated = ready_until(900) | {"type": "authenticated", "cursor": "c1"}
        login.number = 1
        server.connections = [[ready_until(900), ready_until(20), Listen(), authenticated, arrived(1)]]
        login.token = lambda: "t1" if not server.seen else "t2"
        assert await self.take(opened, 1) == [1]
        assert server.heard == [{"type": "authenticate", "token": "t2"}]
        assert len(server.seen) == 1

    async def test_a_token_that_could_not_be_looked_at_is_sent_again_and_the_feed_goes_on(
        self, way, server, monkeypatch
    ) -> None:
        monkeypatch.setattr("anomaly_detection.client.feed.AGAIN_SECONDS", 0.0)
        login = Renewing()
        opened = way.open(server.url, token=login)
        away = {"type": "error", "detail": "nothing was changed: auth does not answer"}
        login.token = lambda: "t1" if not server.seen else "t2"
        server.connections = [[ready_until(20), Listen(), away, Listen(), arrived(1)]]
        assert await self.take(opened, 1) == [1]
        assert server.heard == [{"type": "authenticate", "token": "t2"}] * 2
        assert "nothing was changed: auth does not answer" in self.notes

    async def test_a_token_that_has_ended_is_renewed_for_the_next_connection(self, way, server) -> None:
        login = Renewing()
        opened = way.open(server.url, token=login)
        server.connections = [[READY, Close(4401, "the access token has ended")], [arrived(1)]]
        assert await self.take(opened, 1) == [1]
        assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer t1", "Bearer t2"]

    async def test_a_first_token_that_has_ended_already_is_renewed_once(self, way, server) -> None:
        opened = way.open(server.url, token=Renewing())
        server.connections = [[Close(4401, "ended")], [arrived(1)]]
        assert await self.take(opened, 1) == [1]
        server.connections = [[Close(4401, "ended")], [Close(4401, "ended too")]]
        with pytest.raises(ServerError, match="ended too"):
            await self.take(opened, 1)
        assert opened.waits == []

    @pytest.mark.parametrize("code", [4400, 4401, 4403])
    async def test_a_refusal_ends_the_feed_with_its_reason(self, opened, server, code) -> None:
        server.connections = [[Close(code, "not you")]]
        with pytest.raises(ServerError, match="not you"):
            await self.take(opened, 1)
        assert opened.waits == []

    async def test_a_key_that_was_withdrawn_ends_the_feed(self, opened, server) -> None:
        server.connections = [[READY, Close()], [Close(4401, "the key is not known")]]
        with pytest.raises(ServerError, match="the key is not known; is the API key right"):
            await self.take(opened, 1)

    async def test_a_first_connection_that_fails_is_not_tried_again(self, way, server) -> None:
        server.connections = [[Close(4429, "7 clients are connected, which is the limit")]]
        with pytest.raises(ServerError, match="7 clients"):
            await self.take(way.open(server.url, KEY), 1)
        with pytest.raises(ServerError, match="cannot be reached"):
            await self.take(way.open("http://127.0.0.1:9", KEY), 1)
        assert way.waits == []

    @pytest.mark.parametrize("message", ["hello", "[]", {"kind": "x"}])
    async def test_what_is_no_message_of_the_feed_ends_it(self, opened, server, message) -> None:
        server.connections = [[message]]
        with pytest.raises(ServerError, match="no message of it"):
            await self.take(opened, 1)

    async def test_a_server_without_a_feed_is_named(self, way, server) -> None:
        with pytest.raises(ServerError, match="no live feed"):
            await self.take(way.open(f"{server.url}/elsewhere", KEY), 1)

    async def test_who_follows_comes_to_the_end_when_the_client_is_closed(self, opened, server) -> None:
        server.connections = [[READY, arrived(1)]]
        found: list[dict] = []
        following = asyncio.create_task(opened.followed(opened.client.anomalies.follow(), found))
        async with asyncio.timeout(20):
            while not found:
                await asyncio.sleep(0.01)
            await opened.end()
            await following
        assert json.dumps(found) == '[{"id": 1}]'
