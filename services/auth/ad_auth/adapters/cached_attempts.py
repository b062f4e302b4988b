"""Counts the logins of an account in the cache, where all processes see them."""

import time
from collections.abc import Callable

from ad_auth.domain.credentials import digest
from ad_chassis.cache import Cache
from ad_chassis.errors import TooManyRequests
from ad_chassis.logs import security_event


class CachedAttempts:
    """Counts before the password is looked at, so that many tries at the same time are no way around."""

    def __init__(
        self, cache: Cache, *, most: int, window_seconds: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._cache = cache
        self._most = most
        self._window_seconds = window_seconds
        self._clock = clock

    async def count(self, tenant: str, username: str) -> None:
        key = _key(tenant, username)
        total = await self._cache.increment(key, self._window_seconds)
        if total == 1:
            ends_at = str(self._clock() + self._window_seconds).encode()
            await self._cache.set(f"{key}:ends", ends_at, self._window_seconds)
        if total > self._most:
            security_event("login locked", tenant=tenant, attempts=total)
            raise TooManyRequests(
                "too many logins failed for this account; wait as long as Retry-After says",
                retry_after_seconds=await self._remaining_seconds(key),
            )

    async def forget(self, tenant: str, username: str) -> None:
        await self._cache.delete(_key(tenant, username))

    async def _remaining_seconds(self, key: str) -> int:
        ends_at = await self._cache.get(f"{key}:ends")
        if ends_at is None:
            return self._window_seconds
        return max(1, round(float(ends_at) - self._clock()))


def _key(tenant: str, username: str) -> str:
    """A digest, because anything may stand in the name of somebody who does not exist."""
    return f"auth:attempts:{digest(f'{tenant}/{username.strip().lower()}')}"
