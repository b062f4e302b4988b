"""The live feed over a real WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from ad_chassis.eventlog.port import Message
from ad_chassis.eventlog.topics import topic_configs
from ad_contracts.events import AnomalyDetected
from tests.support.anomalies import anomaly
from tests.unit.ad_gateway.conftest import Gateway

Answer = dict[str, Any]


@asynccontextmanager
async def connected(gateway: Gateway, query: str = "", **options: Any) -> AsyncIterator[ClientConnection]:
    options.setdefault("additional_headers", gateway.auth.headers())
    address = gateway.url.replace("http", "ws", 1) + "/api/v1/ws/anomalies" + query
    async with websockets.connect(address, **options) as socket:
        yield socket


async def publish(gateway: Gateway, *events: AnomalyDetected) -> None:
    codec = gateway.platform.codec
    await gateway.platform.event_log.publish(
        [Message(f"anomalies.{event.tenant}", codec.encode(event), event.stream.encode()) for event in events]
    )


async def receive(socket: ClientConnection, kind: str) -> Answer:
    """The next message of a kind; heartbeats in between are passed over."""
    async with asyncio.timeout(10):
        while True:
            message: Answer = json.loads(await socket.recv())
            if message["type"] == kind:
                return message


async def offsets(socket: ClientConnection, count: int) -> list[int]:
    return [(await receive(socket, "anomaly"))["anomaly"]["offset"] for _ in range(count)]


async def closed(gateway: Gateway, query: str = "", **options: Any) -> tuple[int, str]:
    async with connected(gateway, query, **options) as socket:
        async with asyncio.timeout(10):
            await socket.wait_closed()
        assert socket.close_code is not None
        return socket.close_code, socket.close_reason or ""


async def test_anomalies_arrive_with_iso_times_and_a_cursor(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        ready = await receive(socket, "ready")
        await publish(gateway, anomaly(1))
        message = await receive(socket, "anomaly")
    assert ready["cursor"]
    assert message["cursor"] != ready["cursor"]
    assert message["anomaly"]["id"] == anomaly(1).id
    assert message["anomaly"]["event_time"] == "2023-11-14T22:13:20.001Z"


async def test_after_a_cut_a_client_goes_on_where_it_was(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        await receive(socket, "ready")
        await publish(gateway, *(anomaly(number) for number in range(10, 13)))
        await receive(socket, "anomaly")
        cursor = (await receive(socket, "anomaly"))["cursor"]
    await publish(gateway, anomaly(13))
    async with connected(gateway, f"?after={cursor}") as socket:
        await receive(socket, "ready")
        await publish(gateway, anomaly(14))
        assert await offsets(socket, 3) == [12, 13, 14]


async def test_more_anomalies_than_the_queue_holds_all_arrive_in_order(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        await receive(socket, "ready")
        await publish(gateway, *(anomaly(number) for number in range(100, 400)))
        assert await offsets(socket, 300) == list(range(100, 400))


async def test_filters_choose_and_can_be_changed_while_connected(gateway: Gateway) -> None:
    async with connected(gateway, "?stream=sensors&severity=high") as socket:
        await receive(socket, "ready")
        quiet, other = anomaly(20, severity="low"), anomaly(21, stream="pumps")
        await publish(gateway, quiet, other, anomaly(22))
        assert await offsets(socket, 1) == [22]
        await socket.send(json.dumps({"streams": ["pumps"]}))
        await receive(socket, "filtered")
        await publish(gateway, anomaly(23), anomaly(24, stream="pumps"))
        assert await offsets(socket, 1) == [24]
        await socket.send(json.dumps({"severity": "loud"}))
        assert "low, medium, high, critical" in (await receive(socket, "error"))["detail"]


async def test_a_tenant_sees_its_own_anomalies_only(gateway: Gateway) -> None:
    await gateway.platform.event_log.create_topics(topic_configs("acme"))
    async with connected(gateway, additional_headers=gateway.auth.headers(tenant="acme")) as socket:
        await receive(socket, "ready")
        await publish(gateway, anomaly(30), anomaly(31, tenant="acme"))
        assert await offsets(socket, 1) == [31]


async def test_a_browser_sends_its_token_as_a_sub_protocol(gateway: Gateway) -> None:
    protocols = ["anomalies.v1", f"bearer.{gateway.auth.token()}"]
    options = {"subprotocols": protocols, "additional_headers": {}, "origin": gateway.url}
    async with connected(gateway, **options) as socket:
        assert socket.subprotocol == "anomalies.v1"
        await receive(socket, "ready")


async def test_a_client_that_may_not_listen_is_told_why(gateway: Gateway) -> None:
    assert (await closed(gateway, additional_headers={}))[0] == 4401
    assert (await closed(gateway, additional_headers=gateway.auth.headers(lifetime_seconds=-60)))[0] == 4401
    code, reason = await closed(gateway, additional_headers=gateway.auth.headers(permissions=["write"]))
    assert (code, "read" in reason) == (4403, True)
    assert (await closed(gateway, origin="https://evil.example"))[0] == 4403


async def test_an_allowed_origin_may_listen(gateway: Gateway) -> None:
    async with connected(gateway, origin="https://shop.example") as socket:
        await receive(socket, "ready")


@pytest.mark.parametrize("query", ["?severity=loud", "?after=nonsense"])
async def test_a_wrong_question_is_closed_with_the_reason(gateway: Gateway, query: str) -> None:
    code, reason = await closed(gateway, query)
    assert code == 4400
    assert reason


async def test_the_feed_closes_when_the_token_ends(gateway: Gateway) -> None:
    headers = gateway.auth.headers(lifetime_seconds=1)
    code, reason = await closed(gateway, additional_headers=headers)
    assert code == 4401
    assert "token has ended" in reason


async def test_a_frame_that_is_no_text_is_closed_with_the_reason(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        await receive(socket, "ready")
        await socket.send(b"\x00\x01")
        async with asyncio.timeout(10):
            await socket.wait_closed()
        assert socket.close_code == 1003


async def test_a_silent_feed_shows_that_it_is_alive(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        assert (await receive(socket, "heartbeat"))["cursor"]
