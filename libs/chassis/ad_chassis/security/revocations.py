"""The tokens that were revoked before their end, as the cache tells them."""

import asyncio
import math
import time
from collections.abc import Callable

from ad_chassis.cache import Cache
from ad_chassis.errors import Unavailable
from ad_chassis.logs import get_logger

REVOKED_PREFIX = "auth:revoked:"
TELL_EVERY_SECONDS = 10.0
PATIENCE_SECONDS = 1.0
REST_SECONDS = 2.0
"""So long a cache that did not answer is not asked again, or every request would wait for it."""
log = get_logger("security")


class RevocationList:
    """While the cache does not answer, tokens are good to their end, which is near: nothing would work otherwise.

    Nobody can log in meanwhile, as attempts cannot be counted.
    """

    def __init__(self, cache: Cache, clock: Callable[[], float] = time.monotonic) -> None:
        self._cache = cache
        self._clock = clock
        self._told = -math.inf
        self._rests_until = -math.inf

    async def holds(self, token_id: str) -> bool:
        """Whether the token was revoked, as far as that is known."""
        if self._clock() < self._rests_until:
            return False
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._cache.get(REVOKED_PREFIX + token_id) is not None
        except (Unavailable, TimeoutError) as error:
            self._rests_until = self._clock() + REST_SECONDS
            self._tell(error)
            return False

    def _tell(self, error: Exception) -> None:
        if self._clock() - self._told >= TELL_EVERY_SECONDS:
            self._told = self._clock()
            log.warning("revoked tokens cannot be looked up; they work to their end", reason=repr(error))
