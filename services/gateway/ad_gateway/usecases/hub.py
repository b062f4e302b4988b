"""All sessions of this gateway: how many there may be, their signs of life, and when their tokens end."""

import asyncio
import math
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from ad_chassis.errors import TooManyRequests, Unauthenticated, Unavailable
from ad_chassis.eventlog.errors import LogError
from ad_chassis.logs import get_logger
from ad_chassis.security import Principal
from ad_gateway.domain.closing import FORBIDDEN, STOPPING, UNAUTHENTICATED, reason_of
from ad_gateway.domain.cursor import Positions
from ad_gateway.domain.filters import AnomalyFilter
from ad_gateway.ports import Outlet
from ad_gateway.usecases.session import Admitted, Session, Supply

TICK_SECONDS = 0.5
VERIFY_SECONDS = 3.5
"""From one look at every token to the next, so that a revoked one ends within 5 s; a look at 5,000 takes 1 s."""
AT_ONCE = 20
RETRY_SECONDS = 5
log = get_logger("feed")
Verify = Callable[[str], Awaitable[Principal]]


@dataclass(frozen=True, slots=True)
class Limits:
    clients: int
    clients_per_tenant: int
    heartbeat_seconds: float


class Hub:
    """A component. Two tasks serve all sessions: one looks at clocks, one at tokens."""

    def __init__(
        self, supply: Supply, verify: Verify, limits: Limits, clock: Callable[[], float] = time.time
    ) -> None:
        self.sessions: dict[Session, int] = {}
        """With the slot of the round in which each gets its heartbeat."""
        self._supply = supply
        self._verify = verify
        self._limits = limits
        self._clock = clock
        self._tenants: Counter[str] = Counter()
        self._slots = max(math.ceil(limits.heartbeat_seconds / TICK_SECONDS), 1)
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._tick_on()), asyncio.create_task(self._verify_on())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.drain()

    def drain(self) -> None:
        """Every client is told to go on elsewhere."""
        self._stopping = True
        for session in list(self.sessions):
            session.end(STOPPING, "this gateway stops; connect again with the last cursor")

    @asynccontextmanager
    async def place(self, tenant: str) -> AsyncIterator[None]:
        """Room for one client, or `TooManyRequests`."""
        connected, limits = self._tenants.total(), self._limits
        if connected >= limits.clients or self._stopping:
            raise TooManyRequests(
                f"{connected} clients follow here, which is the limit", retry_after_seconds=RETRY_SECONDS
            )
        if self._tenants[tenant] >= limits.clients_per_tenant:
            raise TooManyRequests(
                f"{self._tenants[tenant]} clients of this tenant follow here, which is its limit",
                retry_after_seconds=RETRY_SECONDS,
            )
        self._count(tenant, 1)
        try:
            yield
        finally:
            self._count(tenant, -1)

    @asynccontextmanager
    async def following(
        self, outlet: Outlet, admitted: Admitted, wanted: AnomalyFilter, after: Positions | None
    ) -> AsyncIterator[Session]:
        """Serves a client until the block ends."""
        session = Session(outlet, admitted, self._supply)
        session.choose(wanted)
        try:
            tail = await self._supply.feed.tail(session.tenant)
        except LogError as error:
            raise Unavailable(f"the live feed cannot be read now: {error}") from error
        session.open(tail, after)
        tail.join(session)
        self.sessions[session] = len(self.sessions) % self._slots
        try:
            yield session
        finally:
            self.sessions.pop(session)
            tail.leave(session)
            session.leave()

    def tick(self, slot: int) -> None:
        """Heartbeats of one slot, and the end of those whose tokens ended."""
        now = self._clock()
        for session, own in list(self.sessions.items()):
            at = session.admitted.principal.expires_at
            if at is not None and at <= now:
                session.end(UNAUTHENTICATED, "the access token has ended; connect again with a new one")
            elif own == slot and session.waits:
                session.say("heartbeat")

    async def verify_all(self) -> None:
        """Each token once, however many clients came with it."""
        holders: dict[str, list[Session]] = defaultdict(list)
        for session in self.sessions:
            holders[session.admitted.token].append(session)
        tokens = list(holders)
        for begin in range(0, len(tokens), AT_ONCE):
            some = tokens[begin : begin + AT_ONCE]
            found = await asyncio.gather(*map(self._verify, some), return_exceptions=True)
            for token, principal in zip(some, found, strict=True):
                for session in holders[token]:
                    self._judge(session, token, principal)
            await asyncio.sleep(0)

    def _judge(self, session: Session, token: str, found: Principal | BaseException) -> None:
        if session.admitted.token != token:
            return  # it came with another one while this one was looked at
        if isinstance(found, Unauthenticated):
            session.end(UNAUTHENTICATED, reason_of(found.detail))
        elif isinstance(found, BaseException):
            # Whoever is connected goes on until the token ends.
            log.warning("a token could not be looked at again", error=repr(found))
        elif not found.may("anomalies:read"):
            session.end(FORBIDDEN, "the permission 'anomalies:read' was taken away")
        elif (principal := replace(found, tenant=session.tenant)) != session.admitted.principal:
            session.admit_again(replace(session.admitted, principal=principal))

    async def _tick_on(self) -> None:
        slot, seconds = 0, self._limits.heartbeat_seconds / self._slots
        while True:
            await asyncio.sleep(seconds)
            slot = (slot + 1) % self._slots
            self.tick(slot)

    async def _verify_on(self) -> None:
        while True:
            begun = time.monotonic()
            await self.verify_all()
            await asyncio.sleep(max(begun + VERIFY_SECONDS - time.monotonic(), 0))

    def _count(self, tenant: str, change: int) -> None:
        self._tenants[tenant] += change
        self._supply.meter.connected(tenant, change)
        if not self._tenants[tenant]:
            del self._tenants[tenant]
