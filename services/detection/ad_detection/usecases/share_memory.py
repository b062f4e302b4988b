"""Sees to it that no table keeps memory that smaller ones need more."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from ad_detection.domain.memory import Memory

TIMES_LARGER = 2
"""The largest table gives only to one that has less than half of it, or two would take from each other in turns."""


EVERY_MS = 1_000
"""To find the largest of thousands of tables takes milliseconds."""


class Holder(Protocol):
    @property
    def using(self) -> asyncio.Lock:
        """Held while its tables are in use."""

    @property
    def largest_bytes(self) -> int: ...
    async def give_back(self) -> None:
        """A quarter of the largest table."""


async def share_memory(memory: Memory, holders: Iterable[Holder], now_ms: int) -> None:
    """When a table found no room: the largest one, whose partition may have no records just now, gives some back."""
    hungry = memory.hungry_bytes
    # A clock may be set back.
    if hungry is None or abs(now_ms - memory.shared_ms) < EVERY_MS:
        return
    memory.hungry_bytes, memory.shared_ms = None, now_ms
    largest = max(holders, key=lambda holder: holder.largest_bytes)
    if largest.largest_bytes > TIMES_LARGER * hungry and not largest.using.locked():
        async with largest.using:
            await largest.give_back()
