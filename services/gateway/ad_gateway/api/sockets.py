"""`WS /api/v1/ws/anomalies`: the live feed, for clients that also speak."""

import time

import msgspec
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from ad_chassis.errors import PlatformError, TooManyRequests, Unavailable
from ad_chassis.http.problems import problem_response
from ad_chassis.security.access import bearer_token
from ad_gateway.api.admission import Admission, asked, same_client
from ad_gateway.domain.closing import BUSY, FORBIDDEN, UNSUPPORTED, code_of, reason_of
from ad_gateway.domain.filters import FilterError
from ad_gateway.domain.headers import secured
from ad_gateway.domain.requests import Allowance, FilterRequest, read
from ad_gateway.ports import Gone
from ad_gateway.usecases.hub import Hub
from ad_gateway.usecases.session import Session

PROTOCOL = "anomalies.v1"
BEARER_PROTOCOL = "bearer."


class SocketOutlet:
    __slots__ = ("_socket",)

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def send(self, text: str) -> None:
        try:
            await self._socket.send({"type": "websocket.send", "text": text})
        except (WebSocketDisconnect, RuntimeError) as error:
            raise Gone from error

    async def close(self, code: int, reason: str) -> None:
        try:
            await self._socket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError) as error:
            raise Gone from error


def routes(hub: Hub, admission: Admission) -> APIRouter:
    router = APIRouter()

    async def follow(socket: WebSocket) -> None:
        try:
            try:
                admitted = await admission.admit(socket, _bearer(socket))
            except TooManyRequests as refused:
                await _turn_away(socket, refused)
                return
            wanted, after = asked(socket)
            async with hub.place(admitted.principal.tenant):
                await socket.accept(_protocol(socket))
                async with hub.following(SocketOutlet(socket), admitted, wanted, after) as session:
                    await _listen(socket, session, admission)
        except PlatformError as refused:
            await _refuse(socket, refused)

    # Not `router.websocket`: what that keeps for each connection, to fill in parameters, is 4 KB.
    router.add_websocket_route("/api/v1/ws/anomalies", follow)
    return router


async def _turn_away(socket: WebSocket, refused: TooManyRequests) -> None:
    """Before the upgrade, as any other request: a flood of handshakes must cost little."""
    problem = problem_response(refused.status, refused.detail, socket.url.path, headers=refused.headers)
    problem.raw_headers = secured(problem.raw_headers, socket.scope["scheme"])
    await socket.send_denial_response(problem)


async def _refuse(socket: WebSocket, refused: PlatformError) -> None:
    """Accepted first: the answer to a handshake that fails is hidden from scripts in a browser."""
    if socket.application_state.name == "CONNECTING":
        await socket.accept(_protocol(socket))
    await socket.close(code_of(refused.status), reason_of(refused.detail))


async def _listen(socket: WebSocket, session: Session, admission: Admission) -> None:
    """Until the client leaves, or was closed."""
    allowance = Allowance(time.monotonic())
    while (frame := await socket.receive())["type"] == "websocket.receive":
        text = frame.get("text")
        if text is None:
            session.end(UNSUPPORTED, "messages are sent as text, in JSON")
        elif not allowance.spend(time.monotonic()):
            session.end(BUSY, f"more than {Allowance.A_SECOND:g} messages a second are too many")
        else:
            await _heard(text, socket, session, admission)


async def _heard(text: str, socket: WebSocket, session: Session, admission: Admission) -> None:
    try:
        request = read(text)
        if isinstance(request, FilterRequest):
            session.choose(request.wanted())
            session.say("filtered")
            return
    except (msgspec.MsgspecError, FilterError) as error:
        session.say("error", {"detail": f"nothing was changed: {error}"})
        return
    try:
        if request.ticket is not None:
            admitted = await admission.by_ticket(socket, request.ticket)
        else:
            admitted = await admission.by_token(socket, request.token or "")
    except Unavailable as away:
        # Who is there already goes on until the end of the token that it came with.
        session.say("error", {"detail": f"nothing was changed: {away.detail}"})
        return
    except PlatformError as refused:
        session.end(code_of(refused.status), reason_of(refused.detail))
        return
    if not same_client(session.admitted, admitted):
        session.end(FORBIDDEN, "the token is of another subject or tenant; connect anew with it")
        return
    session.admit_again(admitted)
    session.say("authenticated", admitted.ends)


def _protocol(socket: WebSocket) -> str | None:
    return PROTOCOL if PROTOCOL in socket.scope.get("subprotocols", []) else None


def _bearer(socket: WebSocket) -> str | None:
    """Browsers cannot send headers with a WebSocket, so a sub-protocol may carry the token."""
    offered: list[str] = socket.scope.get("subprotocols", [])
    for name in offered:
        if name.startswith(BEARER_PROTOCOL):
            return name.removeprefix(BEARER_PROTOCOL)
    header = socket.headers.get("authorization")
    return None if header is None else bearer_token(header)
