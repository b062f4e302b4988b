"""Work that is done again and again beside the requests."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from ad_chassis.logs import get_logger

log = get_logger("periodic")


class Periodic:
    """A component: does its work at the start when asked to, then every so often, and once more at the end."""

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[object]],
        every_seconds: float,
        *,
        first: bool = False,
        last: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self._name = name
        self._work = work
        self._every_seconds = every_seconds
        self._first = first
        self._last = last
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._first:
            await self._work()
        self._task = asyncio.create_task(self._repeat(), name=self._name)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._last is not None:
            await self._last()

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(self._every_seconds)
            try:
                await self._work()
            except Exception:
                log.warning("work failed and will be tried again", work=self._name, exc_info=True)
