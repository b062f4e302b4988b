"""The cache that several processes share."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError

from ad_chassis.errors import Unavailable

PREFIX = "anomaly_detection:"
TIMEOUT_SECONDS = 2.0
ANSWER_SECONDS = 4.0
"""With all tries, among which are those of a look at a connection that rested: 36 s in all for one that hangs."""
CONNECTIONS = 32
AWAY = "the cache does not answer; try again shortly"
# One step, or a crash between the two would leave a counter that never ends.
INCREMENT = """
local total = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return total
"""
# When the level will be empty, by the clock of the server, so that processes need not agree on the time.
POUR = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local empty_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local level = (empty_at - now) * ARGV[2]
if tonumber(ARGV[1]) > 0 then
  local seconds = (level + ARGV[1]) / ARGV[2]
  redis.call('SET', KEYS[1], string.format('%.6f', now + seconds), 'PX', math.ceil(seconds * 1000))
end
return tostring(level)
"""


class RedisCache:
    """Keys carry a prefix, so that a Redis may be shared with others."""

    def __init__(self, url: str, *, prefix: str = PREFIX) -> None:
        self._prefix = prefix
        # Not the pool that Redis.from_url makes: that one fails the call that finds all connections in use.
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=TIMEOUT_SECONDS,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 3),
            health_check_interval=30,
        )
        self._redis: Any = Redis.from_pool(pool)
        self._increment = self._redis.register_script(INCREMENT)
        self._pour = self._redis.register_script(POUR)

    async def start(self) -> None:
        """The first command connects; a Redis that is down must not keep a service from starting."""

    async def stop(self) -> None:
        await self._redis.aclose()

    async def check(self) -> None:
        await _answer(self._redis.ping())

    async def get(self, key: str) -> bytes | None:
        value: bytes | None = await _answer(self._redis.get(self._prefix + key))
        return value

    async def set(self, key: str, value: bytes, ttl_seconds: float | None = None) -> None:
        await _answer(self._redis.set(self._prefix + key, value, px=_milliseconds(ttl_seconds)))

    async def add(self, key: str, value: bytes, ttl_seconds: float | None = None) -> bool:
        return bool(
            await _answer(self._redis.set(self._prefix + key, value, px=_milliseconds(ttl_seconds), nx=True))
        )

    async def take(self, key: str) -> bytes | None:
        value: bytes | None = await _answer(self._redis.getdel(self._prefix + key))
        return value

    async def delete(self, key: str) -> None:
        await _answer(self._redis.delete(self._prefix + key))

    async def increment(self, key: str, ttl_seconds: float, by: int = 1) -> int:
        milliseconds = max(1, round(ttl_seconds * 1000))
        return int(await _answer(self._increment(keys=[self._prefix + key], args=[by, milliseconds])))

    async def pour(self, key: str, amount: float, drains_per_second: float) -> float:
        found = await _answer(self._pour(keys=[self._prefix + key], args=[amount, drains_per_second]))
        return float(found)


async def _answer(call: Awaitable[Any]) -> Any:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await call
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable(AWAY) from error
    except RuntimeError as error:
        # What uvloop says of a connection that the other side has reset.
        if "the handler is closed" not in str(error):
            raise
        raise Unavailable(AWAY) from error


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, round(seconds * 1000))
