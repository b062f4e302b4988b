"""Passes a request on to the service that owns it, and the answer back as it comes."""

import asyncio
import math
from collections.abc import Mapping

import structlog

from ad_chassis.errors import TimedOut, Unavailable
from ad_gateway.adapters.edge_metrics import EdgeMetrics
from ad_gateway.adapters.upstreams import Upstream
from ad_gateway.domain.breaker import Breaker
from ad_gateway.domain.capacity import Capacity
from ad_gateway.ports import Forward, Forwarded

log = structlog.get_logger(__name__)


class ServiceForwarder:
    """A service that is away is not asked for a while."""

    def __init__(self, upstream: Upstream, capacities: Mapping[str, Capacity], metrics: EdgeMetrics) -> None:
        self._upstream = upstream
        self._capacities = capacities
        self._breakers = {service: Breaker() for service in capacities}
        self._metrics = metrics
        metrics.watch(self._breakers, capacities)

    async def forward(self, call: Forward) -> Forwarded:
        """The answer of the service, problems included. The caller's token goes along, never the gateway's own."""
        breaker = self._breakers[call.service]
        if (seconds := breaker.wait_seconds()) > 0:
            self._metrics.not_asked(call.service)
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

    async def _opened(self, call: Forward) -> Forwarded:
        capacity = self._capacities[call.service]
        asked, answered = capacity.began(), False
        try:
            async with asyncio.timeout(call.seconds):
                answer = await self._upstream.open(call)
            # What a heavy request takes says nothing of light ones.
            answered = not call.slow
            return answer
        finally:
            capacity.ended(asked, answered=answered)
