"""How many requests of one tenant are in hand at once, so that the flood of one is not everybody's."""

import asyncio

from ad_chassis.errors import TooManyRequests

MOST_WAITING = 1000


class Lane:
    """Who has a turn, and who waits for one, first come, first served."""

    def __init__(self, at_once: int) -> None:
        self.turns = asyncio.Semaphore(at_once)
        self.present = 0


class Turns:
    """A lane for each name, for as long as somebody is in it."""

    def __init__(self, at_once: int, most_waiting: int = MOST_WAITING) -> None:
        self._at_once = at_once
        self._most = at_once + most_waiting
        self._lanes: dict[str, Lane] = {}

    def turn(self, name: str, seconds: float) -> "Turn":
        """Waits for a turn no longer than that; then, and when too many wait, `TooManyRequests`."""
        return Turn(self, name, seconds)

    def enter(self, name: str) -> Lane:
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = Lane(self._at_once)
        if lane.present >= self._most:
            raise TooManyRequests(
                f"{lane.present} requests of this tenant are in hand or wait; send fewer at once"
            )
        lane.present += 1
        return lane

    def leave(self, name: str, lane: Lane) -> None:
        lane.present -= 1
        if not lane.present:
            del self._lanes[name]


class Turn:
    """The time between waiting and giving the turn on."""

    __slots__ = ("_lane", "_name", "_seconds", "_turns")

    def __init__(self, turns: Turns, name: str, seconds: float) -> None:
        self._turns = turns
        self._name = name
        self._seconds = seconds

    async def __aenter__(self) -> None:
        self._lane = self._turns.enter(self._name)
        try:
            await _acquired(self._lane, self._seconds)
        except BaseException:
            self._turns.leave(self._name, self._lane)
            raise

    async def __aexit__(self, *_: object) -> None:
        self._lane.turns.release()
        self._turns.leave(self._name, self._lane)


async def _acquired(lane: Lane, seconds: float) -> None:
    if not lane.turns.locked():
        # Nobody waits before this one, so there is nothing to time.
        await lane.turns.acquire()
        return
    try:
        async with asyncio.timeout(seconds):
            await lane.turns.acquire()
    except TimeoutError:
        raise TooManyRequests(
            f"{lane.present} requests of this tenant are in hand or wait, and none ended within {seconds:g} s"
        ) from None
