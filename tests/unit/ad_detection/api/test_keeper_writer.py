"""The counts of challengers are written every few seconds, and once more at the end."""

import asyncio

from ad_detection.api.keeper_writer import KeeperWriter
from ad_detection.usecases.keep_comparisons import ComparisonKeeper
from tests.support.comparisons import PAIR, Comparisons, counts


def keeper_of(store: Comparisons) -> ComparisonKeeper:
    return ComparisonKeeper(store, "me", lambda: 5)


def rows(store: Comparisons) -> list[int]:
    return [found.rows for found in store.kept.values()]


async def test_a_database_that_is_away_loses_nothing() -> None:
    store = Comparisons()
    store.failing = True
    keeper = keeper_of(store)
    writer = KeeperWriter(keeper, every_seconds=0.001)
    await writer.start()
    keeper.add({PAIR: counts(10)})
    async with asyncio.timeout(10):
        while store.refused < 2:
            await asyncio.sleep(0.001)
    store.failing = False
    async with asyncio.timeout(10):
        while not store.kept:
            await asyncio.sleep(0.001)
    assert rows(store) == [10]
    await writer.stop()


async def test_what_was_counted_last_is_written_at_the_end() -> None:
    store = Comparisons()
    keeper = keeper_of(store)
    writer = KeeperWriter(keeper, every_seconds=1000)
    await writer.start()
    keeper.add({PAIR: counts(10)})
    assert rows(store) == []
    await writer.stop()
    assert rows(store) == [10]
