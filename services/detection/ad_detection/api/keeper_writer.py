"""Writes down every few seconds what a keeper counted."""

import asyncio
import contextlib
from typing import Protocol

import structlog

EVERY_SECONDS = 10.0
LAST_SECONDS = 5.0
log = structlog.get_logger(__name__)


class Keeper(Protocol):
    async def write(self) -> None:
        """What was counted since the last time; when it fails, the next call writes it."""


class KeeperWriter:
    """A component. A database that is away stops no scoring: what was counted waits."""

    def __init__(self, keeper: Keeper, every_seconds: float = EVERY_SECONDS) -> None:
        self._keeper = keeper
        self._every_seconds = every_seconds
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._go_on(), name=f"writes {type(self._keeper).__name__}")

    async def stop(self) -> None:
        # Not cancelled: a write that is broken off may hold the database's lock.
        self._stopping.set()
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._task, LAST_SECONDS)

    async def _go_on(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._every_seconds)
            last = self._stopping.is_set()
            await self._write()
            if last:
                return

    async def _write(self) -> None:
        try:
            await self._keeper.write()
        except Exception:
            log.exception(
                "counts could not be written; it is tried again", keeper=type(self._keeper).__name__
            )
