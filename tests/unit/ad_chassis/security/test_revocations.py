"""Tokens that were revoked, with and without a cache that answers."""

import asyncio

import pytest
from structlog.testing import capture_logs

from ad_chassis.cache import MemoryCache
from ad_chassis.errors import Unavailable
from ad_chassis.security import revocations
from ad_chassis.security.revocations import REVOKED_PREFIX, RevocationList
from tests.support.clock import Clock


class Away(MemoryCache):
    asked = 0

    async def get(self, key: str) -> bytes | None:
        self.asked += 1
        raise Unavailable(f"nobody has {key}")


async def test_a_token_is_revoked_when_the_cache_has_its_id() -> None:
    cache = MemoryCache()
    await cache.set(REVOKED_PREFIX + "one", b"1", 60)
    revoked = RevocationList(cache)
    assert await revoked.holds("one")
    assert not await revoked.holds("two")


async def test_without_an_answer_tokens_work_to_their_end_and_that_is_told_now_and_then() -> None:
    moments = [0.0, 5.0, 9.9, 12.0, 13.0]
    clock = Clock()
    revoked = RevocationList(Away(), clock)
    with capture_logs() as told:
        for clock.now in moments:
            assert not await revoked.holds("one")
    assert len(told) == 2
    assert "work to their end" in told[0]["event"]


async def test_a_cache_that_does_not_answer_is_left_alone_for_two_seconds() -> None:
    clock, cache = Clock(), Away()
    revoked = RevocationList(cache, clock)
    for clock.now in (0.0, 0.5, 1.9, 2.0, 3.9):
        assert not await revoked.holds("one")
    assert cache.asked == 2


async def test_a_cache_that_hangs_is_waited_for_a_moment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging(MemoryCache):
        async def get(self, key: str) -> bytes | None:
            await asyncio.Event().wait()
            return b"never"

    monkeypatch.setattr(revocations, "PATIENCE_SECONDS", 0.01)
    async with asyncio.timeout(5):
        assert not await RevocationList(Hanging(), Clock()).holds("one")
