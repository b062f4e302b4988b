"""Passes a request on to the service that owns it, and the answer back as it comes."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager

import httpx2
import structlog

from ad_chassis.errors import TimedOut, Unavailable
from ad_chassis.http import ServiceClient
from ad_gateway.domain.breaker import Breaker
from ad_gateway.domain.headers import answered
from ad_gateway.ports import Forward

log = structlog.get_logger(__name__)


class ServiceAnswer:
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


class ServiceForwarder:
    """One per process; the clients keep their connections. A service that is away is not asked for a while."""

    def __init__(self, clients: Mapping[str, ServiceClient]) -> None:
        self._clients = clients
        self._breakers = {service: Breaker() for service in clients}

    async def forward(self, call: Forward) -> ServiceAnswer:
        """The answer of the service, problems included. The caller's token goes along, never the gateway's own."""
        breaker = self._breakers[call.service]
        if (seconds := breaker.wait_seconds()) > 0:
            raise Unavailable(
                f"{call.service} does not answer and is left alone for a moment; try again",
                headers={"Retry-After": str(math.ceil(seconds))},
            )
        try:
            answer = await self._opened(call)
        except Unavailable:
            breaker.failed()
            if breaker.open:
                log.warning("circuit open", to=call.service)
            raise
        except TimeoutError:
            # A heavy request, or one whose body dribbles, must not close the way for all others.
            breaker.abandoned() if call.slow else breaker.failed()
            raise TimedOut(f"{call.service} did not answer within {call.seconds:g} s") from None
        except BaseException:
            breaker.abandoned()
            raise
        if breaker.open:
            log.info("circuit closed", to=call.service)
        breaker.succeeded()
        return answer

    async def _opened(self, call: Forward) -> ServiceAnswer:
        opened = self._clients[call.service].stream(
            call.method,
            call.target,
            check=False,
            content=call.body,
            headers=call.headers,
            token=call.token,
            timeout_seconds=call.seconds + 1,
        )
        async with asyncio.timeout(call.seconds):
            return ServiceAnswer(opened, await opened.__aenter__())
