"""The same attacks on the live feed: on each way to open it, and on each thing that a client may say."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection

from ad_gateway.domain import cursor
from tests.support.matrix.world import VICTIM, World

Say = Callable[[str | None], dict[str, Any]]
BEGINNING = cursor.encode(dict.fromkeys(range(6), 0))


def by_header(token: str | None) -> dict[str, Any]:
    return {} if token is None else {"additional_headers": {"Authorization": f"Bearer {token}"}}


def by_protocol(token: str | None) -> dict[str, Any]:
    # A sub-protocol holds no spaces (RFC 6455, 4.1), so a client cannot even send some of it.
    return {
        "subprotocols": ["anomalies.v1", *([] if token is None else [f"bearer.{token.replace(' ', '')}"])]
    }


WAYS: dict[str, Say] = {"header": by_header, "sub-protocol": by_protocol}


@asynccontextmanager
async def opened(world: World, query: str = "", **options: Any) -> AsyncIterator[ClientConnection]:
    address = world.hosted.url.replace("http", "ws", 1) + f"/api/v1/ws/anomalies{query}"
    async with websockets.connect(address, **options) as socket:
        yield socket


async def closed(socket: ClientConnection) -> int | None:
    """The code with which the gateway ends it."""
    async with asyncio.timeout(10):
        await socket.wait_closed()
    return socket.close_code


async def say(socket: ClientConnection, message: dict[str, Any]) -> None:
    await socket.send(json.dumps(message))


async def heard(socket: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            message: dict[str, Any] = json.loads(await socket.recv())
            if message["type"] == kind:
                return message


async def all_shown(world: World, socket: ClientConnection, tenant: str, wanted: dict[str, Any]) -> list[str]:
    """Asks for this, and gives the streams of all anomalies up to the end of what there is."""
    ends = await world.hosted.platform.event_log.end_offsets(f"anomalies.{tenant}")
    shown: list[str] = []
    async with asyncio.timeout(20):
        await say(socket, wanted)
        while True:
            message = json.loads(await socket.recv())
            if message["type"] == "anomaly":
                shown.append(message["anomaly"]["stream"])
            elif message["type"] == "filtered":
                if cursor.reaches(cursor.decode(message["cursor"]), ends):
                    return shown
                await asyncio.sleep(0.6)
                await say(socket, wanted)


async def ticket(world: World, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    answer = await world.doors["gateway"].post("/api/v1/ws/tickets", headers=headers)
    assert answer.is_success, answer.text
    return str(answer.json()["ticket"])


async def used_ticket(world: World) -> str:
    found = await ticket(world, world.tokens[VICTIM])
    async with opened(world, f"?ticket={found}") as socket:
        await heard(socket, "ready")
    return found
