"""The shared cache keeps to the specification, on a real Redis."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest

from ad_chassis.cache import Cache, RedisCache, redis
from ad_chassis.errors import Unavailable
from tests.specs.cache import CacheSpec


class TestRedisCache(CacheSpec):
    @pytest.fixture
    async def cache(self, redis_url: str) -> AsyncIterator[Cache]:
        cache = RedisCache(redis_url, prefix=f"test-{secrets.token_hex(4)}:")
        await cache.start()
        yield cache
        await cache.stop()


async def test_two_processes_see_the_same_values(redis_url: str) -> None:
    prefix = f"test-{secrets.token_hex(4)}:"
    first, second = RedisCache(redis_url, prefix=prefix), RedisCache(redis_url, prefix=prefix)
    await first.set("k", b"1", 60)
    assert await second.get("k") == b"1"
    await first.stop()
    await second.stop()


async def test_a_redis_that_is_down_fails_the_check() -> None:
    cache = RedisCache("redis://127.0.0.1:9")
    for call in (cache.check(), cache.get("k"), cache.increment("n", 60)):
        with pytest.raises(Unavailable, match="the cache does not answer"):
            await call
    await cache.stop()


async def test_more_calls_at_once_than_connections_wait_for_their_turn(redis_url: str) -> None:
    cache = RedisCache(redis_url, prefix=f"test-{secrets.token_hex(4)}:")
    totals = await asyncio.gather(*(cache.increment("n", 60) for _ in range(500)))
    assert sorted(totals) == list(range(1, 501))
    await cache.stop()


@pytest.mark.parametrize(
    ("told", "raised"),
    [
        ("unable to perform operation on <TCPTransport closed=True>; the handler is closed", Unavailable),
        ("something else", RuntimeError),
    ],
)
async def test_a_connection_that_was_reset_is_no_defect_of_ours(
    monkeypatch: pytest.MonkeyPatch, told: str, raised: type[Exception]
) -> None:
    """uvloop says so by a RuntimeError."""
    cache = RedisCache("redis://127.0.0.1:9")

    async def get(_key: str) -> bytes:
        raise RuntimeError(told)

    monkeypatch.setattr(cache._redis, "get", get)
    with pytest.raises(raised):
        await cache.get("k")
    await cache.stop()


async def test_a_redis_that_hangs_is_given_up_in_one_time_for_all_tries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redis, "ANSWER_SECONDS", 0.05)
    async with await asyncio.start_server(lambda *_: asyncio.sleep(60), "127.0.0.1", 0) as server:
        cache = RedisCache(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with asyncio.timeout(2):
            for call in (cache.get("k"), cache.set("k", b"1"), cache.increment("n", 60)):
                with pytest.raises(Unavailable, match="the cache does not answer"):
                    await call
        await cache.stop()
