"""Passes a request on to the service that owns it, and the answer back as it comes."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager

import structlog

from ad_chassis.errors import TimedOut, Unavailable
from ad_gateway.adapters.edge_metrics import EdgeMetrics
from ad_gateway.adapters.upstreams import Opened, Upstream
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
        outcome = Outcome(call, breaker)
        with outcome.failures(f"{call.service} did not answer within {call.seconds:g} s"):
            answer = await self._opened(call)
        if call.slow and breaker.open:
            # The others wait for this trial: its head decides, as all of it may take long.
            outcome.succeeded()
        return WatchedAnswer(answer, call, outcome)

    async def _opened(self, call: Forward) -> Opened:
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


class Outcome:
    """What the breaker is told of a call."""

    def __init__(self, call: Forward, breaker: Breaker) -> None:
        self._call = call
        self._breaker = breaker
        self._told = False

    def succeeded(self) -> None:
        """Once, and not after a failure."""
        if not self._told:
            self._told = True
            if self._breaker.open:
                log.info("circuit closed", to=self._call.service)
            self._breaker.succeeded()

    @contextmanager
    def failures(self, late: str) -> Iterator[None]:
        """Of what is done within; `late` is what a caller is told whose time is over."""
        try:
            yield
        except Unavailable:
            self._failed()
            raise
        except TimeoutError:
            # A heavy request, or one whose body dribbles, must not close the way for all others.
            self._abandoned() if self._call.slow else self._failed()
            raise TimedOut(late) from None
        except BaseException:
            self._abandoned()
            raise

    def _failed(self) -> None:
        self._told = True
        self._breaker.failed()
        if self._breaker.open:
            log.warning("circuit open", to=self._call.service)

    def _abandoned(self) -> None:
        if not self._told:
            self._told = True
            self._breaker.abandoned()


class WatchedAnswer:
    """Its service may be silent for as long as it may take to answer; the time that a client takes is not counted."""

    def __init__(self, answer: Opened, call: Forward, outcome: Outcome) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self._answer = answer
        self._outcome = outcome
        self._seconds = call.seconds
        self._late = f"{call.service} sent nothing for {call.seconds:g} s in the middle of its answer"

    async def pieces(self) -> AsyncIterator[bytes]:
        whole = self._answer.at_hand()
        if whole:
            yield whole
        elif whole is None:
            # A limit of time for each piece takes longer than a short answer that is there.
            pieces = self._answer.pieces()
            while piece := await self._next(pieces):
                yield piece
        self._outcome.succeeded()

    async def close(self) -> None:
        # Who leaves before the end has been answered all the same.
        self._outcome.succeeded()
        await self._answer.close()

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes:
        """Nothing at the end."""
        with self._outcome.failures(self._late):
            async with asyncio.timeout(self._seconds):
                return await anext(pieces, b"")
