"""Counts the logins of accounts and addresses in the cache, where all processes see them."""

import time
from collections.abc import Callable
from typing import NoReturn

from ad_auth.domain.credentials import digest
from ad_auth.domain.throttle import TooManyTries, delay_seconds
from ad_chassis.cache import Cache
from ad_chassis.logs import security_event
from ad_chassis.networks import network_of


class CachedAttempts:
    """Counts before the password is looked at, so that many tries at the same time are no way around.

    What is refused does not count, or impatience alone would lock an account.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        most: int,
        window_seconds: int,
        most_per_address: int = 100,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._cache = cache
        self._most = most
        self._most_per_address = most_per_address
        self._window_seconds = window_seconds
        self._clock = clock

    async def count(self, tenant: str, username: str, address: str | None = None) -> None:
        """An account waits longer from failure to failure, and then to the end of the window."""
        place = _address_key(address)
        if place and await self._add(place) > self._most_per_address:
            await self._take_back(place)
            await self._refuse(place, "from this address", tenant)
        account = _account_key(tenant, username)
        tries = await self._add(account)
        waits = tries <= self._most and not await self._may_go_on(account, tries)
        if waits or tries > self._most:
            await self._take_back(account, place)
            await self._refuse(f"{account}:wait" if waits else account, "for this account", tenant)

    async def forget(self, tenant: str, username: str, address: str | None = None) -> None:
        """After a success. Other failures from the address stay: they are those of other accounts."""
        account = _account_key(tenant, username)
        await self._cache.delete(account)
        await self._cache.delete(_ends(f"{account}:wait"))
        await self._take_back(_address_key(address))

    async def take_back(self, tenant: str, username: str, address: str | None = None) -> None:
        """After a try that nobody could look at, as the database was away."""
        await self._take_back(_account_key(tenant, username), _address_key(address))

    async def _add(self, key: str) -> int:
        total = await self._cache.increment(key, self._window_seconds)
        if total == 1:
            await self._cache.set(_ends(key), self._end(self._window_seconds), self._window_seconds)
        return total

    async def _take_back(self, *keys: str) -> None:
        for key in filter(None, keys):
            await self._cache.increment(key, self._window_seconds, by=-1)

    async def _may_go_on(self, account: str, tries: int) -> bool:
        seconds = delay_seconds(tries)
        return not seconds or await self._cache.add(_ends(f"{account}:wait"), self._end(seconds), seconds)

    async def _refuse(self, key: str, where: str, tenant: str) -> NoReturn:
        security_event("login locked", tenant=tenant, reason=where)
        first = await self._cache.add(f"{key}:refused", b"1", self._window_seconds)
        raise TooManyTries(where, await self._remaining_seconds(key), first=first)

    def _end(self, seconds: float) -> bytes:
        return str(self._clock() + seconds).encode()

    async def _remaining_seconds(self, key: str) -> int:
        ends_at = await self._cache.get(_ends(key))
        # It may have ended since it was looked at.
        return 1 if ends_at is None else max(1, round(float(ends_at) - self._clock()))


def _ends(key: str) -> str:
    return f"{key}:ends"


def _account_key(tenant: str, username: str) -> str:
    """A digest, because anything may stand in the name of somebody who does not exist."""
    return f"auth:attempts:{digest(f'{tenant}/{username.strip().lower()}')}"


def _address_key(address: str | None) -> str:
    return f"auth:attempts:address:{digest(network_of(address))}" if address else ""
