"""The cache of a single process."""

import time
from collections import OrderedDict
from collections.abc import Callable

MAX_ENTRIES = 100_000


class MemoryCache:
    """Bounded: beyond `max_entries` what was used longest ago goes first."""

    def __init__(
        self, *, max_entries: int = MAX_ENTRIES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._entries: OrderedDict[str, tuple[bytes, float | None]] = OrderedDict()
        self._max_entries = max_entries
        self._clock = clock

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        self._entries.clear()

    async def check(self) -> None:
        """Always there."""

    async def get(self, key: str) -> bytes | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        value, expires_at = entry
        if expires_at is not None and self._clock() >= expires_at:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return value

    async def set(self, key: str, value: bytes, ttl_seconds: float | None = None) -> None:
        self._put(key, value, None if ttl_seconds is None else self._clock() + ttl_seconds)

    async def add(self, key: str, value: bytes, ttl_seconds: float | None = None) -> bool:
        if await self.get(key) is not None:
            return False
        await self.set(key, value, ttl_seconds)
        return True

    async def take(self, key: str) -> bytes | None:
        value = await self.get(key)
        self._entries.pop(key, None)
        return value

    async def delete(self, key: str) -> None:
        self._entries.pop(key, None)

    async def increment(self, key: str, ttl_seconds: float, by: int = 1) -> int:
        current = await self.get(key)
        expires_at = self._clock() + ttl_seconds if current is None else self._entries[key][1]
        total = int(current or 0) + by
        self._put(key, str(total).encode(), expires_at)
        return total

    async def pour(self, key: str, amount: float, drains_per_second: float) -> float:
        value, empty_at = await self.get(key), self._entries.get(key, (b"", None))[1]
        now = self._clock()
        level = 0.0 if value is None or empty_at is None else (empty_at - now) * drains_per_second
        if amount > 0:
            self._put(key, b"level", now + (level + amount) / drains_per_second)
        return level

    def _put(self, key: str, value: bytes, expires_at: float | None) -> None:
        self._entries[key] = (value, expires_at)
        self._entries.move_to_end(key)
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)
