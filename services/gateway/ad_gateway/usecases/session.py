"""One client of the live feed, whatever carries its messages: history, then what is new, at its own pace."""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from ad_chassis.eventlog.errors import LogError
from ad_chassis.logs import get_logger
from ad_chassis.security import Principal
from ad_gateway.domain.closing import BROKEN, BUSY, TRY_AGAIN_LATER
from ad_gateway.domain.cursor import Positions
from ad_gateway.domain.filters import AnomalyFilter
from ad_gateway.domain.follower import Behind, Follower
from ad_gateway.domain.ring import Frame, message
from ad_gateway.ports import AnomalyFeed, Gone, Meter, Outlet, Tail
from ad_gateway.usecases.pace import Pace

MOST_ANSWERS = 10
log = get_logger("feed")
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who listens, and the token that says so."""

    principal: Principal
    token: str

    @property
    def ends(self) -> Fields:
        """When the token ends, for the client to send another one in time."""
        at = self.principal.expires_at
        return {"token_expires_time": at and datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


@dataclass(frozen=True, slots=True)
class Supply:
    """What all sessions share."""

    feed: AnomalyFeed
    meter: Meter
    pace: Pace


class Session:
    """Has a task only while there is something to send, so that a client that waits costs next to nothing.

    Whatever is sent goes through that task: a cursor never tells of more than was sent before it.
    """

    __slots__ = (
        "__weakref__",
        "_answers",
        "_over",
        "_supply",
        "_task",
        "_way",
        "admitted",
        "outlet",
        "wanted",
    )

    def __init__(self, outlet: Outlet, admitted: Admitted, supply: Supply) -> None:
        self.outlet = outlet
        self.admitted = admitted
        self.wanted = AnomalyFilter()
        self._supply = supply
        self._answers: deque[tuple[str, Fields]] | None = None
        self._way: Follower | None = None
        self._task: asyncio.Task[None] | None = None
        self._over = False

    @property
    def tenant(self) -> str:
        return self.admitted.principal.tenant

    @property
    def waits(self) -> bool:
        """Nothing is on its way to the client."""
        return self._task is None

    def choose(self, wanted: AnomalyFilter) -> None:
        """The one place where wishes meet rights."""
        self.wanted = wanted.within(self.admitted.principal.streams)

    def admit_again(self, admitted: Admitted) -> None:
        self.admitted = admitted
        self.choose(self.wanted)

    def open(self, tail: Tail, after: Positions | None) -> None:
        """From now on the client is served; without `after` with what is new."""
        self._way = Follower(tail.ring, tail.now if after is None else after)
        if after is not None:
            self._supply.meter.resumed(self.tenant)
        self.say("ready", self.admitted.ends)

    def say(self, kind: str, fields: Fields | None = None) -> None:
        """Something that is no anomaly, as soon as it is its turn."""
        self._answers = self._answers or deque()
        if len(self._answers) >= MOST_ANSWERS:
            self.end(BUSY, f"{MOST_ANSWERS} answers wait to be read")
            return
        self._answers.append((kind, fields or {}))
        self.wake()

    def wake(self) -> None:
        """Passes over what the client does not want, and begins to send when there is something that it does."""
        if self._way is None or self._task is not None or self._over:
            return
        if (first := self._take(self._way)) is not None:
            self._task = asyncio.create_task(self._send_from(first, self._way))
            self._task.add_done_callback(self._judge)

    def end(self, code: int, reason: str) -> None:
        """Nothing more is sent from here on but the reason."""
        if not self._over:
            self._over = True
            self._supply.meter.closed(code)
            if self._task is not None:
                self._task.cancel()
            self._task = asyncio.create_task(self._close(code, reason))

    def leave(self) -> None:
        """The client is gone."""
        self._over = True
        if self._task is not None:
            self._task.cancel()

    def _judge(self, task: asyncio.Task[None]) -> None:
        """A client must not wait for ever because something failed that nobody thought of."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the feed of a client broke off", tenant=self.tenant, exc_info=error)
            self.end(BROKEN, "something went wrong on our side; connect again with the last cursor")

    async def _close(self, code: int, reason: str) -> None:
        try:
            await self.outlet.close(code, reason)
        except Gone:
            log.debug("the client was gone before it was closed", code=code)

    async def _send_from(self, first: str | Behind, way: Follower) -> None:
        step: str | Behind | None = first
        try:
            while step is not None:
                if isinstance(step, Behind):
                    await self._catch_up(step, way)
                else:
                    await self._send(step)
                step = self._take(way)
        except Gone:
            self._over = True
        except LogError as error:
            log.warning("history could not be read", tenant=self.tenant, reason=str(error))
            self.end(TRY_AGAIN_LATER, "history cannot be read now; connect again with the last cursor")
        finally:
            if self._task is asyncio.current_task():
                self._task = None

    async def _send(self, text: str) -> None:
        await self._supply.pace.turn()
        await self.outlet.send(text)
        self._supply.meter.sent(self.tenant)

    def _take(self, way: Follower) -> str | Behind | None:
        """What is to be sent next; it counts as shown."""
        if self._answers:
            return self._answer(self._answers, way)
        self._answers = None
        while (step := way.next()) is not None:
            if isinstance(step, Behind):
                return step
            frame, text = step
            if self.wanted.matches(frame):
                return text
        return None

    async def _catch_up(self, behind: Behind, way: Follower) -> None:
        """Shows out of the log what the ring has not got any more."""
        if behind.missed:
            self._supply.meter.gap(self.tenant)
            await self._send(message("gap", way.positions, {"missed": behind.missed}))
        async with aclosing(self._supply.feed.history(self.tenant, way.positions, behind.until)) as history:
            async for place, anomaly in history:
                while self._answers:
                    await self._send(self._answer(self._answers, way))
                way.passed(place)
                if self.wanted.matches(anomaly):
                    await self._send(Frame(place, anomaly).told(way.positions))
        way.back(behind.until)

    @staticmethod
    def _answer(answers: deque[tuple[str, Fields]], way: Follower) -> str:
        kind, fields = answers.popleft()
        return message(kind, way.positions, fields)
