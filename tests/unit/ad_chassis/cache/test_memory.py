"""The cache of one process keeps to the specification, and to its bound."""

from collections.abc import AsyncIterator

import pytest

from ad_chassis.cache import Cache, MemoryCache
from tests.specs.cache import CacheSpec


class TestMemoryCache(CacheSpec):
    @pytest.fixture
    async def cache(self) -> AsyncIterator[Cache]:
        cache = MemoryCache()
        await cache.start()
        yield cache
        await cache.stop()


async def test_beyond_its_bound_it_forgets_what_was_used_longest_ago() -> None:
    cache = MemoryCache(max_entries=2)
    await cache.set("a", b"1")
    await cache.set("b", b"2")
    await cache.get("a")
    await cache.set("c", b"3")
    assert [await cache.get(key) for key in "abc"] == [b"1", None, b"3"]
