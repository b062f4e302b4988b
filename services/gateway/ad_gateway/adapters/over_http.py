"""Requests to a service at an address: those with a whole body, or none, are written here, the rest by aiohttp."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from typing import NamedTuple

import aiohttp
from aiohttp.http import HttpProcessingError
from opentelemetry.trace import SpanKind
from yarl import URL

from ad_chassis.errors import Unavailable
from ad_chassis.http.context import REQUEST_ID_HEADER, current_request_id
from ad_chassis.telemetry import Telemetry, current_traceparent
from ad_gateway.domain.headers import Pairs, answered
from ad_gateway.ports import Forward

# Shorter than the services keep a connection that rests (5 s), or a request would meet one that is just being closed.
RESTS_SECONDS = 4.0
CONNECT_SECONDS = 5.0
WRITTEN_BY_OTHERS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
REPEATABLE = frozenset({"GET", "HEAD"})
"""Asked again, once, when a kept connection turns out to be gone. RFC 9110, 9.2.2, allows PUT and DELETE too, but one
that was done before the connection broke would be answered 404 the second time, or 412."""


class Way(NamedTuple):
    """To a service: for what its connections are kept, and how requests to it begin."""

    place: aiohttp.ClientRequest
    prefix: str
    host: str


class OverHttp:
    """A component. aiohttp keeps the connections and parses answers, in C.

    A whole request takes 18 µs of CPU past its session, 50 through it, and 0.55 ms through httpx2.
    """

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._session: aiohttp.ClientSession | None = None
        self._ways: dict[str, Way] = {}

    async def start(self) -> None:
        self._ways = {}
        self._session = aiohttp.ClientSession(
            # As many connections as there are turns: who waits does so at the gateway's door, not here.
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=RESTS_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=TIMEOUT,
            auto_decompress=False,
            skip_auto_headers=WRITTEN_BY_OTHERS,
            trust_env=False,
        )

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def open(self, call: Forward, address: str) -> "HttpAnswer":
        if self._session is None or self._session.connector is None:
            raise Unavailable("the gateway is not started")
        if not self._telemetry.enabled:
            return await self._asked(self._session, call, address)
        with ExitStack() as stack:
            stack.enter_context(self._telemetry.span(f"{call.method} {call.service}", kind=SpanKind.CLIENT))
            answer = await self._asked(self._session, call, address)
            # From here on the answer ends the span.
            answer.closing(stack.pop_all().close)
            return answer

    async def _asked(self, session: aiohttp.ClientSession, call: Forward, address: str) -> "HttpAnswer":
        try:
            if isinstance(call.body, bytes | None):
                way = self._way(address)
                return await self._written(session, call, way, _text(call, call.body, way))
            return await _streamed(session, call, address)
        except aiohttp.ClientConnectorError as error:
            raise Unavailable(f"{call.service} cannot be reached at {error.host}") from error
        except (aiohttp.ClientError, HttpProcessingError) as error:
            raise Unavailable(f"the connection to {call.service} broke: {type(error).__name__}") from error

    def _way(self, address: str) -> Way:
        way = self._ways.get(address)
        if way is None:
            url, loop = URL(address), asyncio.get_running_loop()
            place = aiohttp.ClientRequest("GET", url, loop=loop, response_class=aiohttp.ClientResponse)
            way = self._ways[address] = Way(place, url.raw_path.rstrip("/"), url.host_port_subcomponent or "")
        return way

    @staticmethod
    async def _written(session: aiohttp.ClientSession, call: Forward, way: Way, text: bytes) -> "HttpAnswer":
        if call.method in REPEATABLE:
            try:
                return await _exchanged(session, call.service, text, way)
            except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
                if isinstance(error, aiohttp.ClientConnectorError):
                    raise
        return await _exchanged(session, call.service, text, way)


class HttpAnswer:
    """The answer of a service, read as fast as the client takes it."""

    def __init__(
        self,
        service: str,
        status: int,
        headers: Pairs,
        content: aiohttp.StreamReader,
        close: Callable[[], object],
    ) -> None:
        self.status = status
        self.headers = headers
        self._service = service
        self._content = content
        self._close = [close]

    def closing(self, also: Callable[[], object]) -> None:
        """What else ends with it."""
        self._close.append(also)

    def at_hand(self) -> bytes | None:
        content = self._content
        return content.read_nowait() if content.is_eof() and content.exception() is None else None

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._content.iter_any():
                yield piece
        except aiohttp.ClientError as error:
            raise Unavailable(f"{self._service} broke off its answer: {type(error).__name__}") from error

    async def close(self) -> None:
        # Back to the others when all was read; else nobody knows what would come next on it.
        for close in self._close:
            close()


async def _exchanged(session: aiohttp.ClientSession, service: str, text: bytes, way: Way) -> HttpAnswer:
    connector = session.connector
    if connector is None:
        raise Unavailable("the gateway is not started")
    try:
        connection = await connector.connect(way.place, traces=[], timeout=TIMEOUT)
    except TimeoutError as error:
        raise Unavailable(f"{service} cannot be reached at {way.place.url.host}") from error
    try:
        protocol = connection.protocol
        if protocol is None or protocol.transport is None:
            raise aiohttp.ServerDisconnectedError
        # RFC 9110, 9.3.2: the answer to HEAD tells of a body that does not come.
        bodyless = text.startswith(b"HEAD ")
        protocol.set_response_params(skip_payload=bodyless, read_until_eof=True, auto_decompress=False)
        protocol.transport.write(text)
        message, content = await protocol.read()
        while message.code < 200:
            message, content = await protocol.read()
    except BaseException:
        connection.close()
        raise
    return HttpAnswer(service, message.code, answered(message.raw_headers), content, connection.release)


async def _streamed(session: aiohttp.ClientSession, call: Forward, address: str) -> HttpAnswer:
    # As it came: written anew, an encoded slash would become a real one.
    url = URL(address.rstrip("/") + call.target, encoded=True)
    response = await session.request(
        call.method, url, data=call.body, headers=_headers(call), allow_redirects=False
    )
    headers = answered(response.raw_headers)
    return HttpAnswer(call.service, response.status, headers, response.content, response.close)


def _text(call: Forward, body: bytes | None, way: Way) -> bytes:
    """The whole request; a value that ends its line could begin another request."""
    headers = _headers(call)
    if body is not None:
        headers["Content-Length"] = str(len(body))
    lines = [f"{call.method} {way.prefix}{call.target} HTTP/1.1", f"Host: {way.host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    if head.count(b"\n") != len(lines) + 1 or head.count(b"\r") != len(lines) + 1:
        raise ValueError("a header holds the end of a line")
    return head + (body or b"")


def _headers(call: Forward) -> dict[str, str]:
    known = {
        "Authorization": f"Bearer {call.token}" if call.token else None,
        REQUEST_ID_HEADER: current_request_id(),
        "traceparent": current_traceparent(),
    }
    return call.headers | {name: value for name, value in known.items() if value is not None}
