"""Browsers that are at the external provider, in the cache; each comes back once."""

from pydantic import TypeAdapter

from ad_auth.domain.credentials import digest
from ad_auth.domain.external import PendingLogin
from ad_chassis.cache import Cache

KEPT_SECONDS = 600.0
_logins = TypeAdapter(PendingLogin)


class CachedPendingLogins:
    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def keep(self, state: str, login: PendingLogin) -> None:
        await self._cache.set(_key(state), _logins.dump_json(login), KEPT_SECONDS)

    async def take(self, state: str) -> PendingLogin | None:
        text = await self._cache.take(_key(state))
        return None if text is None else _logins.validate_json(text)


def _key(state: str) -> str:
    return f"auth:external:{digest(state)}"
