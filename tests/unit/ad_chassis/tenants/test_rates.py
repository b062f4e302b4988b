import pytest

from ad_chassis.cache import MemoryCache
from ad_chassis.errors import Unavailable
from ad_chassis.tenants import RateExceeded, RecordRates
from tests.support.clock import Clock


class Away(MemoryCache):
    async def pour(self, key: str, amount: float, drains_per_second: float) -> float:
        raise Unavailable("the cache does not answer")


async def test_ten_seconds_of_the_rate_may_come_at_once_and_then_the_rate() -> None:
    clock = Clock()
    rates = RecordRates(MemoryCache(clock=clock))
    for _ in range(10):
        await rates.admit("acme", 100)
        await rates.count("acme", 100, 100)
    with pytest.raises(RateExceeded, match="records_per_second") as refused:
        await rates.admit("acme", 100)
    assert refused.value.headers["Retry-After"] == "1"
    clock.now = 0.5
    await rates.admit("acme", 100)


async def test_a_batch_larger_than_the_burst_is_taken_once_and_waited_for_afterwards() -> None:
    clock = Clock()
    rates = RecordRates(MemoryCache(clock=clock))
    await rates.admit("acme", 100)
    await rates.count("acme", 100, 50_000)
    with pytest.raises(RateExceeded) as refused:
        await rates.admit("acme", 100)
    assert refused.value.headers["Retry-After"] == "490"
    clock.now = 490.5
    await rates.admit("acme", 100)


async def test_tenants_do_not_use_up_each_others_rate_and_some_have_none() -> None:
    rates = RecordRates(MemoryCache())
    await rates.count("acme", 1, 1000)
    await rates.admit("other", 1)
    await rates.count("other", None, 10**9)
    await rates.admit("other", None)
    with pytest.raises(RateExceeded):
        await rates.admit("acme", 1)


async def test_without_the_shared_cache_a_process_is_as_strict_by_itself() -> None:
    rates = RecordRates(Away())
    await rates.admit("acme", 1)
    await rates.count("acme", 1, 1000)
    with pytest.raises(RateExceeded):
        await rates.admit("acme", 1)
