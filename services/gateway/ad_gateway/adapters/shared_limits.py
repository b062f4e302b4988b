"""What processes tell each other about rates: through the cache, in the background, in batches."""

import asyncio
from collections.abc import Iterable

import structlog

from ad_chassis.cache import Cache
from ad_chassis.errors import Unavailable
from ad_gateway.domain.limits import WINDOW_SECONDS, Limiter

PREFIX = "gateway:rates:"
TELL_SECONDS = 0.2
log = structlog.get_logger(__name__)


class SharedLimits:
    """A component. No request waits for it: without the cache each process holds the limits by itself."""

    def __init__(self, cache: Cache, limiters: Iterable[Limiter]) -> None:
        self._cache = cache
        self._limiters = tuple(limiters)
        self._task: asyncio.Task[None] | None = None
        self._alone = False

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def tell(self) -> None:
        """Adds what was let through here to the totals, and takes the totals over."""
        try:
            for limiter in self._limiters:
                for what in limiter.untold():
                    key = f"{PREFIX}{limiter.quota}:{what.window}:{what.key}"
                    limiter.told(what, await self._cache.increment(key, 2.0 * WINDOW_SECONDS, what.requests))
        except Unavailable as error:
            if not self._alone:
                log.warning("rates are limited by each process alone", reason=repr(error))
            self._alone = True
        else:
            self._alone = False

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TELL_SECONDS)
            await self.tell()
