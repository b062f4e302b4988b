"""A limit to how long the feed keeps the event loop for itself."""

import asyncio
import time

TURN_SECONDS = 0.005


class Pace:
    """Many clients that catch up at once would hold up every request, and each other, for seconds."""

    def __init__(self) -> None:
        self._until: float | None = None

    async def turn(self) -> None:
        """Returns at once while there is time left in this round of the event loop, else in one of the next."""
        while self._until is not None and time.monotonic() >= self._until:  # noqa: ASYNC110 - not an event: the next round
            await asyncio.sleep(0)
        if self._until is None:
            self._until = time.monotonic() + TURN_SECONDS
            asyncio.get_running_loop().call_soon(self._next_round)

    def _next_round(self) -> None:
        self._until = None
