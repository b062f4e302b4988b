"""The live feed as Server-Sent Events, over a real socket."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.anomalies import anomaly
from tests.unit.ad_gateway.conftest import Gateway, running
from tests.unit.ad_gateway.feed_client import connected, publish, receive

PATH = "/api/v1/anomalies/stream"
Event = dict[str, str]


class Events:
    """Reads the stream as a browser does."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.answer = answer
        self.last_id = ""
        self.comments = 0
        self._lines = answer.aiter_lines()

    async def next(self, kind: str) -> Event:
        async with asyncio.timeout(10):
            while (event := await self._read()).get("event") != kind:
                pass
        return event

    async def _read(self) -> Event:
        event: Event = {}
        while line := await anext(self._lines):
            name, _, value = line.partition(": ")
            if name:
                event[name] = value
            self.comments += line.startswith(":")
        self.last_id = event.get("id", self.last_id)
        return event

    async def offset(self) -> int:
        return int(json.loads((await self.next("anomaly"))["data"])["anomaly"]["offset"])


@asynccontextmanager
async def following(gateway: Gateway, query: str = "", **options: Any) -> AsyncIterator[Events]:
    options.setdefault("headers", gateway.auth.headers())
    async with gateway.http.stream("GET", PATH + query, **options) as answer:
        assert answer.status_code == 200, await answer.aread()
        yield Events(answer)


async def test_the_same_messages_come_as_over_the_socket(gateway: Gateway) -> None:
    async with following(gateway) as events, connected(gateway) as socket:
        assert events.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert events.answer.headers["cache-control"] == "no-store"
        await events.next("ready")
        await receive(socket, "ready")
        await publish(gateway, anomaly(1))
        event, message = await events.next("anomaly"), await receive(socket, "anomaly")
    assert json.loads(event["data"]) == message
    assert event["id"] == message["cursor"]


@pytest.mark.parametrize("by_header", [True, False])
async def test_a_browser_that_was_cut_goes_on_where_it_was(gateway: Gateway, by_header: bool) -> None:
    async with following(gateway) as events:
        await events.next("ready")
        await publish(gateway, *(anomaly(number) for number in range(10, 13)))
        assert [await events.offset() for _ in range(2)] == [10, 11]
        last = events.last_id
    await publish(gateway, anomaly(13))
    query = "?after=nonsense" if by_header else f"?after={last}"
    headers = gateway.auth.headers() | ({"Last-Event-ID": last} if by_header else {})
    async with following(gateway, query, headers=headers) as events:
        assert [await events.offset() for _ in range(2)] == [12, 13]


async def test_filters_are_those_of_the_socket(gateway: Gateway) -> None:
    async with following(gateway, "?stream=pumps&stream=fans&severity=high") as events:
        await events.next("ready")
        await publish(
            gateway, anomaly(20), anomaly(21, stream="pumps", severity="low"), anomaly(22, stream="fans")
        )
        assert await events.offset() == 22


async def test_a_silent_stream_shows_that_it_is_alive_and_where_it_stands(gateway: Gateway) -> None:
    async with following(gateway, "?stream=nothing") as events:
        ready = await events.next("ready")
        await publish(gateway, anomaly(30))
        async with asyncio.timeout(10):
            while events.last_id == ready["id"]:
                await events._read()
        assert events.comments


async def test_the_stream_ends_with_the_token_and_says_so(gateway: Gateway) -> None:
    async with following(gateway, headers=gateway.auth.headers(lifetime_seconds=1)) as events:
        told = json.loads((await events.next("closed"))["data"])
        assert (told["code"], "token has ended" in told["reason"]) == (4401, True)
        with pytest.raises(StopAsyncIteration):
            await events._read()


async def test_a_ticket_opens_the_stream_as_well(gateway: Gateway) -> None:
    answer = await gateway.http.post("/api/v1/ws/tickets", headers=gateway.auth.headers())
    query = f"?ticket={answer.json()['ticket']}"
    async with following(gateway, query, headers={}) as events:
        await events.next("ready")
    assert (await gateway.http.get(PATH + query)).status_code == 401


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {"Authorization": ""}, 401),
        ("", {"Origin": "https://evil.example"}, 403),
        ("?severity=loud", {}, 422),
        ("?kind=gap", {}, 422),
        ("?after=nonsense", {}, 400),
    ],
)
async def test_a_refusal_is_a_problem(gateway: Gateway, query: str, headers: Event, status: int) -> None:
    answer = await gateway.http.get(PATH + query, headers=gateway.auth.headers() | headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_full_gateway_says_when_to_come_back(tmp_path: Path) -> None:
    async with running(tmp_path, socket_limit=1) as gateway, following(gateway) as events:
        await events.next("ready")
        answer = await gateway.http.get(PATH, headers=gateway.auth.headers())
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")


async def test_a_gateway_that_stops_waits_for_no_stream(tmp_path: Path) -> None:
    async with httpx2.AsyncClient() as http:
        async with running(tmp_path) as gateway:
            answer = await http.send(
                http.build_request("GET", gateway.url + PATH, headers=gateway.auth.headers()), stream=True
            )
            events = Events(answer)
            await events.next("ready")
            begun = time.monotonic()
        assert time.monotonic() - begun < 5
        assert json.loads((await events.next("closed"))["data"])["code"] == 1012
        await answer.aclose()
