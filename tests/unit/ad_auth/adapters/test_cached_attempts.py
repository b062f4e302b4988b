"""Failed logins are counted by account and by address."""

import asyncio

import pytest

from ad_auth.adapters.cached_attempts import CachedAttempts
from ad_chassis.cache import MemoryCache
from ad_chassis.errors import TooManyRequests
from tests.support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000.0)


@pytest.fixture
def attempts(clock) -> CachedAttempts:
    cache = MemoryCache(clock=clock)
    return CachedAttempts(cache, most=8, window_seconds=900, most_per_address=20, clock=clock)


@pytest.fixture
def waits(attempts):
    async def waits(username: str = "ann", address: str | None = None) -> int:
        """0 when the try may go on, else what Retry-After says."""
        try:
            await attempts.count("default", username, address)
        except TooManyRequests as error:
            return int(error.headers["Retry-After"])
        return 0

    return waits


async def test_after_five_failures_each_next_one_waits_twice_as_long(waits, clock) -> None:
    assert [await waits() for _ in range(5)] == [0] * 5
    for wait in (2, 4, 8):
        assert await waits() == wait
        clock.now += wait - 1
        assert await waits() == 1
        clock.now += 1
        assert await waits() == 0
    assert await waits() == 900 - 14
    clock.now += 900 - 14
    assert await waits() == 0


async def test_who_is_impatient_is_refused_and_not_locked(waits, clock) -> None:
    assert [await waits() for _ in range(5)] == [0] * 5
    assert [await waits() for _ in range(50)] == [2] * 50
    clock.now += 2
    assert await waits() == 0


async def test_a_success_forgets_the_failures_of_the_account(attempts, waits) -> None:
    for _ in range(5):
        await waits()
    await attempts.forget("default", "ann")
    assert [await waits() for _ in range(5)] == [0] * 5


async def test_an_address_is_refused_after_failures_of_many_accounts(waits, clock) -> None:
    assert [await waits(f"user{number}", "192.0.2.7") for number in range(20)] == [0] * 20
    assert await waits("ann", "192.0.2.7") == 900
    assert await waits("ann", "192.0.2.8") == 0
    clock.now += 900
    assert await waits("ann", "192.0.2.7") == 0


async def test_successes_behind_one_address_do_not_count_and_reset_nothing(attempts, waits) -> None:
    """Many users behind one network, and one among them who guesses."""
    for number in range(19):
        await waits(f"guess{number}", "192.0.2.7")
    for number in range(50):
        assert await waits(f"colleague{number}", "192.0.2.7") == 0
        await attempts.forget("default", f"colleague{number}", "192.0.2.7")
    assert await waits("guess", "192.0.2.7") == 0
    assert await waits("guess", "192.0.2.7") > 0


async def test_a_network_of_ipv6_is_one_address(waits) -> None:
    for number in range(20):
        await waits(f"user{number}", f"2001:db8::{number:x}")
    assert await waits("ann", "2001:db8::ffff") > 0


async def test_what_an_account_refuses_does_not_count_for_the_address(waits) -> None:
    for _ in range(50):
        await waits("ann", "192.0.2.7")
    assert await waits("bob", "192.0.2.7") == 0


async def test_many_tries_at_the_same_time_are_no_way_around(waits) -> None:
    outcomes = await asyncio.gather(*(waits() for _ in range(40)))
    assert outcomes.count(0) == 5


async def test_accounts_that_exist_and_others_are_the_same_here(waits) -> None:
    assert [await waits("no such\x00") for _ in range(6)] == [await waits("ann") for _ in range(6)]


async def test_a_try_that_nobody_could_look_at_counts_neither_for_the_account_nor_for_the_address(
    waits, attempts
) -> None:
    for _ in range(50):
        assert await waits(address="203.0.113.7") == 0
        await attempts.take_back("default", "ann", "203.0.113.7")
