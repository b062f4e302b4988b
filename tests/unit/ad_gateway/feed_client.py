"""A client of the feed over a real WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection

from ad_chassis.eventlog.port import Message
from ad_contracts.events import AnomalyDetected
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
