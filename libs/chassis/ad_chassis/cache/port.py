"""What the platform asks of a cache. Both adapters pass the same specification (tests/specs)."""

from typing import Protocol


class Cache(Protocol):
    """Bytes by key, forgotten after their time. Nothing may depend on a value still being there."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def check(self) -> None:
        """Raises when the cache does not answer."""

    async def get(self, key: str) -> bytes | None: ...
    async def set(self, key: str, value: bytes, ttl_seconds: float | None = None) -> None: ...
    async def add(self, key: str, value: bytes, ttl_seconds: float | None = None) -> bool:
        """Sets the value unless there is one; whether it did."""

    async def take(self, key: str) -> bytes | None:
        """The value, which is gone with that: of several takers one gets it."""

    async def delete(self, key: str) -> None: ...
    async def pour(self, key: str, amount: float, drains_per_second: float) -> float:
        """Adds to a level that drains; how high it was before. Forgotten once it is empty."""

    async def increment(self, key: str, ttl_seconds: float, by: int = 1) -> int:
        """Adds to a counter and returns it. The time runs from the first increment, so that a window ends."""
