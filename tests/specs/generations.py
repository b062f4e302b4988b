"""What a store of generations does on either database. Adapters inherit this and give `database_url`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ad_chassis.database import Database
from ad_chassis.settings import DatabaseSettings
from ad_chassis.testing import memory_platform
from ad_detection.adapters import tables
from ad_detection.adapters.sql_anomalies import SqlAnomalies
from ad_detection.adapters.sql_episodes import SqlEpisodes
from ad_detection.adapters.sql_generations import SqlGenerations
from ad_detection.adapters.sql_loads import SqlLoads
from ad_detection.ports import AnomalyQuery, EpisodeQuery
from tests.support.anomalies import anomaly
from tests.support.loads import TOLD

SENSORS, PUMPS = ("default", "sensors"), ("default", "pumps")


class GenerationStoreSpec:
    @pytest.fixture
    async def database(self, database_url: str | None, tmp_path: Path) -> AsyncIterator[Database]:
        async with memory_platform(tmp_path, database=DatabaseSettings(url=database_url)) as platform:
            database = platform.database(tables.SERVICE, "ad_detection.migrations", tables.metadata)
            await database.start()
            yield database
            await database.stop()

    @pytest.fixture
    def store(self, database: Database) -> SqlGenerations:
        return SqlGenerations(database)

    @pytest.fixture
    async def saved(self, database: Database) -> SqlAnomalies:
        """One of each of two streams, and one of another tenant."""
        anomalies = SqlAnomalies(database)
        await anomalies.save([anomaly(0), anomaly(1, stream="pumps"), anomaly(2, tenant="acme")])
        return anomalies

    async def listed(self, database: Database) -> list[str]:
        """Ids that a list of all anomalies, and one of all episodes, shows of a tenant."""
        found = await SqlAnomalies(database).find("default", AnomalyQuery())
        episodes = await SqlEpisodes(database).find("default", EpisodeQuery())
        ids = [told.event.id for told in found.items]
        assert ids == [each.id for each in episodes.items]
        return ids

    async def test_what_is_of_a_deleted_stream_is_not_listed_and_not_there(
        self, database, store, saved
    ) -> None:
        first, second, other = (anomaly(number).id for number in range(3))
        assert await self.listed(database) == [second, first]
        await store.save({SENSORS: 2})
        assert await self.listed(database) == [second]
        assert await saved.get("default", first) is None
        assert await SqlEpisodes(database).get("default", first) is None
        assert await saved.get("acme", other) is not None

    async def test_what_is_of_the_next_of_its_name_is_listed_and_what_comes_late_is_not(
        self, database, store, saved
    ) -> None:
        await store.save({SENSORS: 2, PUMPS: 2})
        await saved.save([anomaly(5, generation=2), anomaly(6, generation=1)])
        assert await self.listed(database) == [anomaly(5).id]

    async def test_who_heard_less_changes_nothing(self, database, store, saved) -> None:
        await store.save({SENSORS: 3})
        await store.save({SENSORS: 2})
        await saved.save([anomaly(5, generation=2)])
        assert await self.listed(database) == [anomaly(1).id]

    async def test_what_was_counted_goes_once_and_what_is_counted_then_stays(self, database, store) -> None:
        loads = SqlLoads(database)
        await loads.save("me", [TOLD, TOLD._replace(stream="pumps")])
        await store.save({SENSORS: 2})
        assert await loads.find(*SENSORS) == []
        assert len(await loads.find(*PUMPS)) == 1
        await loads.save("me", [TOLD])
        await store.save({SENSORS: 2})
        assert len(await loads.find(*SENSORS)) == 1

    async def test_what_is_dropped_begins_again_as_if_its_name_had_never_been_used(
        self, database, store, saved
    ) -> None:
        await store.save({SENSORS: 2, PUMPS: 2})
        await store.drop([SENSORS, ("acme", "pumps")])
        assert await self.listed(database) == [anomaly(0).id]
