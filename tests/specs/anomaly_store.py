"""What the store of anomalies does on either database. Adapters inherit this and give `database_url`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ad_chassis.settings import DatabaseSettings
from ad_chassis.testing import memory_platform
from ad_detection.adapters import tables
from ad_detection.adapters.sql_anomalies import SqlAnomalies
from ad_detection.ports import AnomalyQuery
from tests.support.anomalies import anomaly


class AnomalyStoreSpec:
    @pytest.fixture
    async def store(self, database_url: str | None, tmp_path: Path) -> AsyncIterator[SqlAnomalies]:
        async with memory_platform(tmp_path, database=DatabaseSettings(url=database_url)) as platform:
            database = platform.database(tables.SERVICE, "ad_detection.migrations")
            await database.start()
            yield SqlAnomalies(database)
            await database.stop()

    async def test_what_is_saved_twice_is_there_once_and_as_it_was(self, store) -> None:
        saved = [anomaly(number) for number in range(3)]
        await store.save(saved)
        await store.save(saved[1:])
        found = await store.find(saved[0].tenant, AnomalyQuery(limit=10))
        assert sorted(found.items, key=lambda one: one.id) == sorted(saved, key=lambda one: one.id)
        assert found.next_cursor is None
        assert await store.get(saved[0].tenant, saved[0].id) == saved[0]
        assert await store.get("somebody-else", saved[0].id) is None

    async def test_a_page_ends_where_the_next_one_begins(self, store) -> None:
        saved = [anomaly(number) for number in range(5)]
        await store.save(saved)
        query, ids = AnomalyQuery(limit=2), []
        while True:
            page = await store.find(saved[0].tenant, query)
            ids += [one.id for one in page.items]
            if page.next_cursor is None:
                break
            query = query._replace(cursor=page.next_cursor)
        assert sorted(ids) == sorted(one.id for one in saved)
        assert len(ids) == 5

    async def test_a_zero_character_in_a_name_stops_nothing(self, store) -> None:
        strange = anomaly(entity="pump\x00seven")
        await store.save([strange, anomaly(1)])
        [found] = (await store.find(strange.tenant, AnomalyQuery(entity="pump\x00seven"))).items
        assert (found.id, found.entity) == (strange.id, "pump\ufffdseven")
