"""How many requests of one tenant are in hand at once, so that the flood of one is not everybody's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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

    @asynccontextmanager
    async def turn(self, name: str, seconds: float) -> AsyncIterator[None]:
        """Waits for a turn no longer than that; then, and when too many wait, `TooManyRequests`."""
        lane = self._lanes.setdefault(name, Lane(self._at_once))
        if lane.present >= self._most:
            raise TooManyRequests(
                f"{lane.present} requests of this tenant are in hand or wait; send fewer at once"
            )
        lane.present += 1
        try:
            await _acquired(lane, seconds)
            try:
                yield
            finally:
                lane.turns.release()
        finally:
            lane.present -= 1
            if not lane.present:
                del self._lanes[name]


async def _acquired(lane: Lane, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await lane.turns.acquire()
    except TimeoutError:
        raise TooManyRequests(
            f"{lane.present} requests of this tenant are in hand or wait, and none ended within {seconds:g} s"
        ) from None
