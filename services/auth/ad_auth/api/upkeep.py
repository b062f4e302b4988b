"""What happens at the start, and again every few minutes."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from ad_chassis.logs import get_logger

Step = Callable[[datetime], Awaitable[object]]
log = get_logger("auth")


class Upkeep:
    """A component: `first` runs once, `steps` at the start too and then again and again."""

    def __init__(self, first: Step, steps: list[Step], every_seconds: float) -> None:
        self._first = first
        self._steps = steps
        self._every_seconds = every_seconds
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        now = datetime.now(UTC)
        for step in (self._first, *self._steps):
            await step(now)
        self._task = asyncio.create_task(self._again())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _again(self) -> None:
        while True:
            await asyncio.sleep(self._every_seconds)
            for step in self._steps:
                try:
                    await step(datetime.now(UTC))
                except Exception as error:
                    # Whatever failed, such as the database being away, is tried again next time.
                    log.warning("upkeep failed and will be tried again", exc_info=error)
