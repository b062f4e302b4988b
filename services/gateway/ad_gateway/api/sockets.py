"""`WS /api/v1/ws/anomalies`: the live feed."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from ad_chassis.errors import Forbidden, PlatformError, Unauthenticated
from ad_chassis.logs import security_event
from ad_chassis.security import Principal
from ad_chassis.security.access import authorise, bearer_token
from ad_contracts.errors import CursorError
from ad_contracts.json_view import json_view
from ad_gateway.domain import cursor
from ad_gateway.domain.filters import AnomalyFilter, FilterError
from ad_gateway.ports import AnomalyFeed, Found, TokenExchange
from ad_gateway.settings import GatewaySettings
from ad_gateway.usecases.follow_anomalies import follow_anomalies

PROTOCOL = "anomalies.v1"
BEARER_PROTOCOL = "bearer."
BAD_REQUEST, UNAUTHENTICATED, FORBIDDEN, BUSY = 4400, 4401, 4403, 4429
UNSUPPORTED, TRY_AGAIN_LATER = 1003, 1013
CODES: dict[type[PlatformError], int] = {Unauthenticated: UNAUTHENTICATED, Forbidden: FORBIDDEN}


class Refused(Exception):
    """Why a client is turned away, as a close code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client may say while connected: other filters."""

    streams: list[str] = []
    entities: list[str] = []
    models: list[str] = []
    severity: str | None = None
    kinds: list[str] = []


class Client:
    """One connected client and its filter."""

    def __init__(self, socket: WebSocket, wanted: AnomalyFilter) -> None:
        self.socket = socket
        self.wanted = wanted
        self.position: cursor.Positions = {}
        self.opened = asyncio.Event()

    def open_at(self, position: cursor.Positions) -> None:
        self.position = position
        self.opened.set()

    async def send(self, kind: str, **body: Any) -> None:
        message = {"type": kind, "cursor": cursor.encode(self.position), **body}
        await self.socket.send_text(msgspec.json.encode(message).decode())

    async def show(self, found: Found) -> None:
        self.position[found.place.partition] = found.place.next_offset
        if self.wanted.matches(found.anomaly):
            await self.send("anomaly", anomaly=json_view(found.anomaly))

    async def listen(self) -> None:
        """Takes new filters until the client leaves."""
        while (frame := await self.socket.receive())["type"] == "websocket.receive":
            text = frame.get("text")
            if text is None:
                await self.socket.close(UNSUPPORTED, "filters are sent as text, in JSON")
                return
            try:
                request = msgspec.json.decode(text, type=Request)
                self.wanted = AnomalyFilter.of(
                    request.streams, request.entities, request.models, request.severity, request.kinds
                )
            except (msgspec.MsgspecError, FilterError) as error:
                await self.send("error", detail=f"the filter was not changed: {error}")
            else:
                await self.send("filtered")


def routes(feed: AnomalyFeed, keys: TokenExchange, settings: GatewaySettings) -> APIRouter:
    router = APIRouter()
    connected: set[Client] = set()

    @router.websocket("/api/v1/ws/anomalies")
    async def follow(socket: WebSocket) -> None:
        try:
            principal, client, after = await _admit(socket, keys, settings, len(connected))
        except Refused as refused:
            await socket.accept(subprotocol=_protocol(socket))
            await socket.close(refused.code, refused.reason)
            return
        await socket.accept(subprotocol=_protocol(socket))
        connected.add(client)
        try:
            await _serve(
                client, principal, follow_anomalies(feed, principal.tenant, after, client.open_at), settings
            )
        finally:
            connected.discard(client)

    return router


async def _admit(
    socket: WebSocket, keys: TokenExchange, settings: GatewaySettings, connected: int
) -> tuple[Principal, Client, cursor.Positions | None]:
    """Checks origin, token, filter and cursor before anything is sent."""
    if connected >= settings.socket_limit:
        raise Refused(BUSY, f"{connected} clients are connected, which is the limit; try again later")
    if not _origin_allowed(socket, settings):
        security_event("origin refused", origin=socket.headers.get("origin"), path=socket.url.path)
        raise Refused(FORBIDDEN, "this origin may not open the feed")
    try:
        principal = await authorise(socket, "read", await keys.access_token(_token(socket)))
    except PlatformError as error:
        code = CODES.get(type(error), TRY_AGAIN_LATER)
        raise Refused(code, error.detail[:120]) from error
    query = socket.query_params
    try:
        wanted = AnomalyFilter.of(
            query.getlist("stream"),
            query.getlist("entity"),
            query.getlist("model"),
            query.get("severity"),
            query.getlist("kind"),
        )
        after = cursor.decode(query["after"]) if "after" in query else None
    except (FilterError, CursorError) as error:
        raise Refused(BAD_REQUEST, str(error)[:120]) from error
    return principal, Client(socket, wanted), after


async def _serve(
    client: Client, principal: Principal, found: AsyncIterator[Found], settings: GatewaySettings
) -> None:
    """Shows anomalies until the client leaves, its token ends, or the gateway stops."""
    lifetime = None if principal.expires_at is None else max(principal.expires_at - time.time(), 0.0)
    with contextlib.suppress(WebSocketDisconnect):
        try:
            async with asyncio.timeout(lifetime):
                await _until_first_ends(
                    client.listen(), _show_all(client, found), _beat(client, settings.heartbeat_seconds)
                )
        except TimeoutError:
            await client.socket.close(
                UNAUTHENTICATED, "the access token has ended; connect again with a new one"
            )


async def _until_first_ends(*jobs: Any) -> None:
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _show_all(client: Client, found: AsyncIterator[Found]) -> None:
    async for each in found:
        await client.show(each)


async def _beat(client: Client, seconds: float) -> None:
    """The first beat says that the feed is open and where it stands."""
    await client.opened.wait()
    await client.send("ready")
    while True:
        await asyncio.sleep(seconds)
        await client.send("heartbeat")


def _protocol(socket: WebSocket) -> str | None:
    return PROTOCOL if PROTOCOL in socket.scope.get("subprotocols", []) else None


def _token(socket: WebSocket) -> str:
    """Browsers cannot send headers with a WebSocket, so a sub-protocol may carry the token."""
    offered: list[str] = socket.scope.get("subprotocols", [])
    for name in offered:
        if name.startswith(BEARER_PROTOCOL):
            return name.removeprefix(BEARER_PROTOCOL)
    return bearer_token(socket.headers.get("authorization"))


def _origin_allowed(socket: WebSocket, settings: GatewaySettings) -> bool:
    origin = socket.headers.get("origin")
    if origin is None or origin in settings.allowed_origins:
        return True
    return urlsplit(origin).netloc == socket.headers.get("host")
