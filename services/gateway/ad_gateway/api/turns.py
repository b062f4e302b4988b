"""How many requests of one tenant are in hand at once, so that the flood of one is not everybody's."""

import asyncio
from collections import deque
from collections.abc import Callable

from ad_chassis.errors import TooManyRequests

MOST_WAITING = 1000
NAME = "turns"
Share = Callable[[str, int], int]
"""How many may be in hand of whom, and at most so many; asked again with each request."""


def all_of_it(_who: str, most: int) -> int:
    return most


class Lane:
    """Who has a turn, and who waits for one, first come, first served."""

    __slots__ = ("in_hand", "waiting")

    def __init__(self) -> None:
        self.in_hand = 0
        self.waiting: deque[asyncio.Future[None]] = deque()

    @property
    def present(self) -> int:
        return self.in_hand + len(self.waiting)


class Turns:
    """A lane for each name, for as long as somebody is in it."""

    def __init__(
        self,
        at_once: int,
        most_waiting: int = MOST_WAITING,
        refused: Callable[[str], None] = lambda _limit: None,
    ) -> None:
        self.refused = refused
        self.at_once = at_once
        self.most = at_once + most_waiting
        self.lanes: dict[str, Lane] = {}

    def turn(self, name: str, seconds: float, share: Share = all_of_it) -> "Turn":
        """Waits for a turn no longer than that; then, and when too many wait, `TooManyRequests`."""
        return Turn(self, name, seconds, share)


class Turn:
    """From the beginning of the wait until the turn is given on."""

    __slots__ = ("_lane", "_name", "_seconds", "_share", "_turns")

    def __init__(self, turns: Turns, name: str, seconds: float, share: Share) -> None:
        self._turns = turns
        self._name = name
        self._seconds = seconds
        self._share = share

    async def __aenter__(self) -> None:
        lanes = self._turns.lanes
        lane = self._lane = lanes.get(self._name) or lanes.setdefault(self._name, Lane())
        if lane.present >= self._turns.most:
            self._turns.refused(NAME)
            raise TooManyRequests(
                f"{lane.present} requests of this tenant are in hand or wait; send fewer at once"
            )
        if lane.waiting or lane.in_hand >= self._allowed():
            await self._wait(lane)
        else:
            lane.in_hand += 1

    async def __aexit__(self, *_: object) -> None:
        self._lane.in_hand -= 1
        self._give_on()

    def _allowed(self) -> int:
        return self._share(self._name, self._turns.at_once)

    async def _wait(self, lane: Lane) -> None:
        mine = asyncio.get_running_loop().create_future()
        lane.waiting.append(mine)
        try:
            async with asyncio.timeout(self._seconds):
                await mine
        except BaseException as error:
            if mine.done() and not mine.cancelled():
                # The turn came together with what ended the wait.
                lane.in_hand -= 1
                self._give_on()
            elif mine in lane.waiting:
                lane.waiting.remove(mine)
            if isinstance(error, TimeoutError):
                self._turns.refused(NAME)
                raise TooManyRequests(
                    f"{lane.present + 1} requests of this tenant are in hand or wait, and none ended within "
                    f"{self._seconds:g} s"
                ) from None
            raise

    def _give_on(self) -> None:
        """To as many as may be in hand now; while some wait, one at least is in hand and will come here."""
        lane = self._lane
        while lane.waiting and lane.in_hand < self._allowed():
            waiter = lane.waiting.popleft()
            if not waiter.done():
                lane.in_hand += 1
                waiter.set_result(None)
        if not lane.present:
            self._turns.lanes.pop(self._name, None)
