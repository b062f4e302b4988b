"""The last word on every partition of a stream."""

import pytest

from ad_detection.domain.load import HALF_LIFE_SECONDS
from ad_detection.usecases.tell_partitions import STALE_MS, tell_partitions
from tests.support.loads import TOLD, Loads

HALF_LIFE_MS = int(HALF_LIFE_SECONDS * 1000)


async def told(now_ms: int, limit: int = 1000, **workers: list) -> list[tuple[int, float, bool]]:
    store = Loads()
    for worker, loads in workers.items():
        await store.save(worker, loads)
    found = await tell_partitions(store, "default", "sensors", now_ms, limit)
    return [(each.load.partition, each.share, each.stale) for each in found]


async def test_shares_are_of_what_came_of_late_by_partition() -> None:
    hot, mild = TOLD._replace(partition=4, recent=300.0), TOLD._replace(partition=1, recent=100.0)
    assert await told(1000, me=[hot], you=[mild]) == [(1, 0.25, False), (4, 0.75, False)]


async def test_of_two_workers_the_one_that_spoke_last_counts() -> None:
    before = TOLD._replace(recent=10**6)
    after = TOLD._replace(recent=100.0, updated_ms=2000)
    other = TOLD._replace(partition=5, recent=300.0, updated_ms=2000)
    assert await told(2000, you=[after, other], me=[before]) == [(2, 0.25, False), (5, 0.75, False)]


async def test_what_was_said_long_ago_has_faded_and_is_stale() -> None:
    now_ms = 3 * HALF_LIFE_MS
    old = TOLD._replace(recent=800.0, updated_ms=0)
    new = TOLD._replace(partition=3, recent=100.0, updated_ms=now_ms)
    found = await told(now_ms, me=[old], you=[new])
    assert [number for number, *_ in found] == [2, 3]
    assert [share for _, share, _ in found] == pytest.approx([0.5, 0.5])
    assert [stale for *_, stale in found] == [True, False]


async def test_a_quiet_partition_is_not_stale() -> None:
    quiet = TOLD._replace(rate_per_second=0.0, recent=0.0)
    assert await told(TOLD.updated_ms + 10 * STALE_MS, me=[quiet]) == [(2, 0.0, False)]


async def test_no_more_are_told_than_asked_for() -> None:
    loads = [TOLD._replace(partition=number) for number in range(9)]
    assert [number for number, *_ in await told(1000, limit=3, me=loads)] == [0, 1, 2]
