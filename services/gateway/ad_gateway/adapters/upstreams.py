"""The ways to a service: inside this process, or over HTTP."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import httpx2

from ad_chassis.errors import Unavailable
from ad_chassis.http import ServiceClient
from ad_chassis.telemetry import Telemetry
from ad_gateway.adapters.over_http import OverHttp
from ad_gateway.domain.headers import answered
from ad_gateway.ports import Forward, Forwarded

Address = Callable[[str], str | None]


class Opened(Forwarded, Protocol):
    def at_hand(self) -> bytes | None:
        """All of its body, where that came with the head."""


class Upstream(Protocol):
    async def open(self, call: Forward) -> Opened:
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

    async def open(self, call: Forward) -> Opened:
        address = self._address(call.service)
        return await (self._inside.open(call) if address is None else self._outside.open(call, address))


class InProcess:
    """Through the client that the services use among themselves."""

    def __init__(self, clients: Mapping[str, ServiceClient]) -> None:
        self._clients = clients

    async def open(self, call: Forward) -> Opened:
        opened = self._clients[call.service].stream(
            call.method,
            call.target,
            check=False,
            content=call.body,
            headers=call.headers,
            token=call.token,
            timeout_seconds=call.seconds + 1,
        )
        return InProcessAnswer(call.service, opened, await opened.__aenter__())


class InProcessAnswer:
    """The answer of a service, read as fast as the client takes it."""

    def __init__(
        self, service: str, opened: AbstractAsyncContextManager[httpx2.Response], response: httpx2.Response
    ) -> None:
        self._service = service
        self._opened = opened
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return answered(self._response.headers.raw)

    def at_hand(self) -> None:
        """Not asked for: who embeds everything waits for no network."""

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.aiter_raw():
                yield piece
        except httpx2.TransportError as error:
            raise Unavailable(f"{self._service} broke off its answer: {type(error).__name__}") from error

    async def close(self) -> None:
        await self._opened.__aexit__(None, None, None)
