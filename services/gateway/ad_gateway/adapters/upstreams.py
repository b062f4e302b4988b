"""The ways to a service: inside this process, or over HTTP."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack
from typing import Protocol

import aiohttp
import httpx2
from opentelemetry.trace import SpanKind
from yarl import URL

from ad_chassis.errors import Unavailable
from ad_chassis.http import ServiceClient
from ad_chassis.http.context import REQUEST_ID_HEADER, current_request_id
from ad_chassis.telemetry import Telemetry, current_traceparent
from ad_gateway.domain.headers import answered
from ad_gateway.ports import Forward, Forwarded

# Shorter than the services keep a connection that rests (5 s), or a request would meet one that is just being closed.
RESTS_SECONDS = 4.0
CONNECT_SECONDS = 5.0
WRITTEN_BY_OTHERS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
Address = Callable[[str], str | None]


class Upstream(Protocol):
    async def open(self, call: Forward) -> Forwarded:
        """The answer as it begins. Raises `Unavailable`; how long it may take is the caller's matter."""


class Upstreams:
    """A component: over HTTP where a service has an address, else within the process."""

    def __init__(self, address: Address, clients: Mapping[str, ServiceClient], telemetry: Telemetry) -> None:
        self._address = address
        self._inside = InProcess(clients)
        self._outside = OverHttp(telemetry)

    async def start(self) -> None:
        await self._outside.start()

    async def stop(self) -> None:
        await self._outside.stop()

    async def open(self, call: Forward) -> Forwarded:
        address = self._address(call.service)
        return await (self._inside.open(call) if address is None else self._outside.open(call, address))


class InProcess:
    """Through the client that the services use among themselves."""

    def __init__(self, clients: Mapping[str, ServiceClient]) -> None:
        self._clients = clients

    async def open(self, call: Forward) -> Forwarded:
        opened = self._clients[call.service].stream(
            call.method,
            call.target,
            check=False,
            content=call.body,
            headers=call.headers,
            token=call.token,
            timeout_seconds=call.seconds + 1,
        )
        return InProcessAnswer(opened, await opened.__aenter__())


class InProcessAnswer:
    """The answer of a service, read as fast as the client takes it."""

    def __init__(
        self, opened: AbstractAsyncContextManager[httpx2.Response], response: httpx2.Response
    ) -> None:
        self._opened = opened
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return answered(self._response.headers.raw)

    def pieces(self) -> AsyncIterator[bytes]:
        return self._response.aiter_raw()

    async def close(self) -> None:
        await self._opened.__aexit__(None, None, None)


class OverHttp:
    """aiohttp, whose parser is compiled: a request costs 0.15 ms of CPU, of httpx2 0.55."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            # As many connections as there are turns: who waits does so at the gateway's door, not here.
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=RESTS_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            auto_decompress=False,
            skip_auto_headers=WRITTEN_BY_OTHERS,
            trust_env=False,
        )

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def open(self, call: Forward, address: str) -> Forwarded:
        if self._session is None:
            raise Unavailable("the gateway is not started")
        with ExitStack() as stack:
            stack.enter_context(self._telemetry.span(f"{call.method} {call.service}", kind=SpanKind.CLIENT))
            response = await self._asked(self._session, call, address)
            # From here on the answer ends the span.
            return HttpAnswer(call.service, response, stack.pop_all())

    @staticmethod
    async def _asked(session: aiohttp.ClientSession, call: Forward, address: str) -> aiohttp.ClientResponse:
        # As it came: written anew, an encoded slash would become a real one.
        url = URL(address.rstrip("/") + call.target, encoded=True)
        try:
            return await session.request(
                call.method, url, data=call.body, headers=_headers(call), allow_redirects=False
            )
        except aiohttp.ClientConnectorError as error:
            raise Unavailable(f"{call.service} cannot be reached at {error.host}") from error
        except aiohttp.ClientError as error:
            raise Unavailable(f"the connection to {call.service} broke: {type(error).__name__}") from error


class HttpAnswer:
    """The same of a service elsewhere."""

    def __init__(self, service: str, response: aiohttp.ClientResponse, stack: ExitStack) -> None:
        self._service = service
        self._response = response
        self._stack = stack

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return answered(self._response.raw_headers)

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.content.iter_any():
                yield piece
        except aiohttp.ClientError as error:
            raise Unavailable(f"{self._service} broke off its answer: {type(error).__name__}") from error

    async def close(self) -> None:
        # Back to the others when all was read; else nobody knows what would come next on it.
        self._response.close()
        self._stack.close()


def _headers(call: Forward) -> dict[str, str]:
    known = {
        "Authorization": f"Bearer {call.token}" if call.token else None,
        REQUEST_ID_HEADER: current_request_id(),
        "traceparent": current_traceparent(),
    }
    return call.headers | {name: value for name, value in known.items() if value is not None}
