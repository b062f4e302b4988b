"""The tokens that were revoked before their end, as the cache tells them."""

import math
import time
from collections.abc import Callable

from ad_chassis.cache import Cache
from ad_chassis.errors import Unavailable
from ad_chassis.logs import get_logger

REVOKED_PREFIX = "auth:revoked:"
TELL_EVERY_SECONDS = 10.0
log = get_logger("security")


class RevocationList:
    """While the cache does not answer, tokens are good to their end, which is near: nothing would work otherwise.

    Nobody can log in meanwhile, as attempts cannot be counted.
    """

    def __init__(self, cache: Cache, clock: Callable[[], float] = time.monotonic) -> None:
        self._cache = cache
        self._clock = clock
        self._told = -math.inf

    async def holds(self, token_id: str) -> bool:
        """Whether the token was revoked, as far as that is known."""
        try:
            return await self._cache.get(REVOKED_PREFIX + token_id) is not None
        except Unavailable as error:
            if self._clock() - self._told >= TELL_EVERY_SECONDS:
                self._told = self._clock()
                log.warning("revoked tokens cannot be looked up; they work to their end", reason=str(error))
            return False
