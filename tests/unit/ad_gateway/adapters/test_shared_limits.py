"""Processes tell each other what they let through, and hold the limit alone when they cannot."""

import asyncio

from ad_chassis.cache import MemoryCache
from ad_chassis.errors import Unavailable
from ad_gateway.adapters import shared_limits
from ad_gateway.adapters.shared_limits import SharedLimits
from ad_gateway.domain.limits import Limiter


class Gone(MemoryCache):
    async def increment(self, key: str, ttl_seconds: float, by: int = 1) -> int:
        raise Unavailable("nobody there")


def limiter() -> Limiter:
    return Limiter("tenant", 2.0, lambda: 1_000_000.0)


def passed(one: Limiter, times: int) -> int:
    return sum(one.take("shop").allowed for _ in range(times))


async def test_what_one_let_through_is_missing_at_the_other() -> None:
    cache = MemoryCache()
    here, there = limiter(), limiter()
    assert passed(here, 15) == 15
    await SharedLimits(cache, [here]).tell()
    assert there.take("shop").allowed
    await SharedLimits(cache, [there]).tell()
    assert passed(there, 100) == 4


async def test_what_was_told_is_not_told_again() -> None:
    cache = MemoryCache()
    here = limiter()
    sharing = SharedLimits(cache, [here])
    passed(here, 5)
    await sharing.tell()
    await sharing.tell()
    assert [value for value, _ in cache._entries.values()] == [b"5"]


async def test_without_the_cache_each_process_is_as_strict_by_itself() -> None:
    here = limiter()
    sharing = SharedLimits(Gone(), [here])
    assert passed(here, 15) == 15
    await sharing.tell()
    assert passed(here, 100) == 5


async def test_it_tells_by_itself_between_start_and_stop(monkeypatch) -> None:
    monkeypatch.setattr(shared_limits, "TELL_SECONDS", 0.001)
    cache, here = MemoryCache(), limiter()
    sharing = SharedLimits(cache, [here])
    passed(here, 5)
    await sharing.start()
    async with asyncio.timeout(10):
        while not cache._entries:
            await asyncio.sleep(0.001)
    await sharing.stop()
    assert [value for value, _ in cache._entries.values()] == [b"5"]
