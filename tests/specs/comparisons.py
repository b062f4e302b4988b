"""What the store of comparisons does on either database. Adapters inherit this and give `database_url`."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from ad_chassis.settings import DatabaseSettings
from ad_chassis.testing import memory_platform
from ad_detection.adapters import tables
from ad_detection.adapters.sql_comparisons import SqlComparisons
from ad_detection.domain.comparison import HOUR_MS, HourlyCounts, Pair
from tests.support.comparisons import PAIR, hourly

OTHER = Pair("default", "sensors", "pumps@2", "pumps@3")


async def hours(store: SqlComparisons, first: int, stop: int, **where: str) -> list[tuple[str, int, int]]:
    asked = {"tenant": "default", "stream": "sensors"} | where
    found = await store.find(**asked, from_ms=first * HOUR_MS, to_ms=stop * HOUR_MS)
    return [(each.pair.challenger, each.hour_ms // HOUR_MS, each.counts.rows) for each in found]


class ComparisonStoreSpec:
    @pytest.fixture
    async def store(self, database_url: str | None, tmp_path: Path) -> AsyncIterator[SqlComparisons]:
        async with memory_platform(tmp_path, database=DatabaseSettings(url=database_url)) as platform:
            database = platform.database(tables.SERVICE, "ad_detection.migrations", tables.metadata)
            await database.start()
            yield SqlComparisons(database)
            await database.stop()

    async def test_counts_come_back_as_they_were_saved(self, store: SqlComparisons) -> None:
        saved = hourly(7, 50, level=5)
        await store.save("me", [saved])
        [found] = await store.find("default", "sensors", 0, 9 * HOUR_MS)
        assert isinstance(found, HourlyCounts)
        assert (found.pair, found.hour_ms) == (saved.pair, saved.hour_ms)
        assert (found.counts.rows, found.counts.challenger_alerts) == (50, 5)
        np.testing.assert_array_equal(found.counts.levels, saved.counts.levels)

    async def test_a_worker_says_its_hour_anew_and_beside_it_stands_what_others_say(
        self, store: SqlComparisons
    ) -> None:
        await store.save("me", [hourly(7, 50)])
        await store.save("me", [hourly(7, 70), hourly(8, 1)])
        await store.save("you", [hourly(7, 5)])
        assert await hours(store, 0, 9) == [("pumps@2", 7, 70), ("pumps@2", 7, 5), ("pumps@2", 8, 1)]

    async def test_a_range_comes_with_the_first_day_of_what_it_compares(self, store: SqlComparisons) -> None:
        await store.save("me", [hourly(hour, 1) for hour in (1, 24, 25, 40, 50, 51)])
        await store.save("me", [hourly(1, 1, OTHER)])
        assert await hours(store, 50, 51) == [("pumps@2", hour, 1) for hour in (1, 24, 50)]
        assert await hours(store, 60, 70) == []

    async def test_others_see_nothing_of_it_and_what_is_old_is_forgotten(self, store: SqlComparisons) -> None:
        await store.save("me", [hourly(1, 1), hourly(2, 1), hourly(1, 1, PAIR._replace(tenant="acme"))])
        assert await hours(store, 0, 9, tenant="acme") == [("pumps@2", 1, 1)]
        assert await hours(store, 0, 9, stream="others") == []
        await store.forget(2 * HOUR_MS)
        assert await hours(store, 0, 9) == [("pumps@2", 2, 1)]

    async def test_a_worker_takes_away_what_it_said_of_some_streams(self, store: SqlComparisons) -> None:
        others = [hourly(1, 1, PAIR._replace(stream="pumps")), hourly(1, 1, PAIR._replace(tenant="acme"))]
        await store.save("me", [hourly(1, 1), hourly(2, 1), *others])
        await store.save("you", [hourly(1, 5)])
        await store.drop("me", [("default", "sensors"), ("acme", "pumps")])
        assert await hours(store, 0, 9) == [("pumps@2", 1, 5)]
        assert len(await hours(store, 0, 9, stream="pumps") + await hours(store, 0, 9, tenant="acme")) == 2
