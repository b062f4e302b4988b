"""Tells all services through the cache which access tokens are worthless."""

from collections.abc import Iterable
from datetime import datetime

from ad_auth.domain.sessions import IssuedToken
from ad_chassis.cache import Cache
from ad_chassis.security.revocations import REVOKED_PREFIX

# Verifiers take a token for a little longer than it lasts.
LEEWAY_SECONDS = 60.0


class CachedRevocations:
    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def announce(self, tokens: Iterable[IssuedToken], now: datetime) -> None:
        for token in tokens:
            left = (token.expires_at - now).total_seconds() + LEEWAY_SECONDS
            await self._cache.set(REVOKED_PREFIX + token.id, b"1", left)
