"""Answers to idempotency keys in the cache, or in this process while the cache is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog

from ad_chassis.cache import Cache, MemoryCache
from ad_chassis.errors import Unavailable
from ad_gateway.domain.keyed import KeptAnswer

PREFIX = "gateway:keyed:"
RUNNING_SECONDS = 180.0
"""Longer than any call may take."""
KEPT_SECONDS = 24 * 3600.0
PATIENCE_SECONDS = 1.0
MOST_KEPT = 1000
Found = TypeVar("Found")
log = structlog.get_logger(__name__)


class CachedAnswers:
    """A request is never refused because the cache is away; then each process knows its own keys alone."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._own = MemoryCache(max_entries=MOST_KEPT)

    async def claim(self, place: str, kept: KeptAnswer) -> KeptAnswer | None:
        word = msgspec.msgpack.encode(kept)

        async def ask(cache: Cache) -> bytes | None:
            if await cache.add(PREFIX + place, word, RUNNING_SECONDS):
                return None
            return await cache.get(PREFIX + place)

        found = await self._either(ask)
        return None if found is None else msgspec.msgpack.decode(found, type=KeptAnswer)

    async def keep(self, place: str, kept: KeptAnswer) -> None:
        word = msgspec.msgpack.encode(kept)
        await self._either(lambda cache: cache.set(PREFIX + place, word, KEPT_SECONDS))

    async def forget(self, place: str) -> None:
        await self._either(lambda cache: cache.delete(PREFIX + place))

    async def _either(self, ask: Callable[[Cache], Awaitable[Found]]) -> Found:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await ask(self._cache)
        except (Unavailable, TimeoutError) as error:
            log.warning("idempotency keys are kept by this process alone", reason=repr(error))
            return await ask(self._own)
