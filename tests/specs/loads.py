"""What the store of loads does on either database. Adapters inherit this and give `database_url`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ad_chassis.settings import DatabaseSettings
from ad_chassis.testing import memory_platform
from ad_detection.adapters import tables
from ad_detection.adapters.sql_loads import SqlLoads
from tests.support.loads import TOLD


class LoadStoreSpec:
    @pytest.fixture
    async def store(self, database_url: str | None, tmp_path: Path) -> AsyncIterator[SqlLoads]:
        async with memory_platform(tmp_path, database=DatabaseSettings(url=database_url)) as platform:
            database = platform.database(tables.SERVICE, "ad_detection.migrations", tables.metadata)
            await database.start()
            yield SqlLoads(database)
            await database.stop()

    async def test_what_is_told_comes_back_as_it_was(self, store: SqlLoads) -> None:
        silent = TOLD._replace(partition=0, entities=None, busiest=[])
        await store.save("me", [TOLD, silent])
        assert sorted(await store.find("default", "sensors"), key=lambda load: load.partition) == [
            silent,
            TOLD,
        ]

    async def test_a_worker_replaces_what_it_said_and_beside_it_stands_what_others_say(
        self, store: SqlLoads
    ) -> None:
        await store.save("me", [TOLD])
        await store.save("you", [TOLD._replace(records=9)])
        await store.save("me", [TOLD._replace(records=8)])
        assert sorted(load.records for load in await store.find("default", "sensors")) == [8, 9]

    async def test_others_see_nothing_of_it_and_what_is_old_is_forgotten(self, store: SqlLoads) -> None:
        await store.save("me", [TOLD, TOLD._replace(partition=3, updated_ms=5000)])
        assert await store.find("acme", "sensors") == []
        assert await store.find("default", "others") == []
        await store.forget(5000)
        assert [load.partition for load in await store.find("default", "sensors")] == [3]

    async def test_a_worker_takes_away_what_it_said_of_some_streams(self, store: SqlLoads) -> None:
        kept = [TOLD._replace(stream="pumps"), TOLD._replace(tenant="acme")]
        await store.save("me", [TOLD, *kept])
        await store.save("you", [TOLD._replace(records=9)])
        await store.drop("me", [("default", "sensors"), ("acme", "pumps")])
        assert [load.records for load in await store.find("default", "sensors")] == [9]
        assert [*await store.find("default", "pumps"), *await store.find("acme", "sensors")] == kept
