"""Sees to it that a worker keeps its limit, and that no table keeps memory that smaller ones need more."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

import structlog

from ad_detection.domain.memory import Memory

TIMES_LARGER = 2
"""The largest table gives only to one that has less than half of it, or two would take from each other in turns."""

EVERY_MS = 1_000
"""To find the largest of thousands of tables takes milliseconds, and so does giving back what was freed."""


log = structlog.get_logger(__name__)


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
    # A clock may be set back.
    if abs(now_ms - memory.shared_ms) < EVERY_MS:
        return
    memory.look()
    _warn(memory)
    hungry = memory.hungry_bytes
    memory.hungry_bytes, memory.shared_ms = None, now_ms
    if hungry is None:
        return
    largest = max(holders, key=lambda holder: holder.largest_bytes)
    if largest.largest_bytes > TIMES_LARGER * hungry and not largest.using.locked():
        async with largest.using:
            await largest.give_back()


def _warn(memory: Memory) -> None:
    """Once, when no table has more than the least that it needs, and that is too much."""
    small = memory.beside_bytes >= memory.limit_bytes
    if small and not memory.too_small:
        log.warning(
            "the limit of memory leaves nothing for entities; raise DETECTION_MEMORY_MB",
            megabytes_beside_entities=round(memory.beside_bytes / 1e6),
            megabytes_at_most=round(memory.limit_bytes / 1e6),
        )
    memory.too_small = small
