"""What the store of anomalies does on either database. Adapters inherit this and give `database_url`."""

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Connection

from ad_chassis.database.row_security import secure
from ad_chassis.settings import DatabaseSettings
from ad_chassis.testing import memory_platform
from ad_contracts.events import AnomalyDetected
from ad_detection.adapters import tables
from ad_detection.adapters.sql_anomalies import SqlAnomalies
from ad_detection.adapters.sql_episodes import SqlEpisodes
from ad_detection.domain.corrections import Told
from ad_detection.domain.episode_summary import EpisodeSummary
from ad_detection.domain.replays import Span
from ad_detection.ports import AnomalyQuery, EpisodeQuery, ToldPage
from tests.support.anomalies import anomaly


def events(page: ToldPage) -> list[AnomalyDetected]:
    return [told.event for told in page.items]


class AnomalyStoreSpec:
    @pytest.fixture
    async def store(self, database_url: str | None, tmp_path: Path) -> AsyncIterator[SqlAnomalies]:
        async with memory_platform(tmp_path, database=DatabaseSettings(url=database_url)) as platform:
            database = platform.database(tables.SERVICE, "ad_detection.migrations", tables.metadata)
            await database.start()
            yield SqlAnomalies(database)
            await database.stop()

    @pytest.fixture
    def episodes(self, store: SqlAnomalies) -> SqlEpisodes:
        return SqlEpisodes(store._database)

    async def test_what_is_saved_twice_is_there_once_and_as_it_was(self, store) -> None:
        saved = [anomaly(number) for number in range(3)]
        await store.save(saved)
        await store.save(saved[1:])
        found = await store.find(saved[0].tenant, AnomalyQuery(limit=10))
        assert sorted(events(found), key=lambda one: one.id) == sorted(saved, key=lambda one: one.id)
        assert found.next_cursor is None
        assert await store.get(saved[0].tenant, saved[0].id) == Told(saved[0])
        assert await store.get("somebody-else", saved[0].id) is None

    async def test_a_page_ends_where_the_next_one_begins(self, store) -> None:
        saved = [anomaly(number) for number in range(5)]
        await store.save(saved)
        query, ids = AnomalyQuery(limit=2), []
        while True:
            page = await store.find(saved[0].tenant, query)
            ids += [one.id for one in events(page)]
            if page.next_cursor is None:
                break
            query = query._replace(cursor=page.next_cursor)
        assert sorted(ids) == sorted(one.id for one in saved)
        assert len(ids) == 5

    async def test_anomalies_are_listed_by_kind_and_by_episode(self, store) -> None:
        saved = [anomaly(0), anomaly(1, episode_id=anomaly(0).id), anomaly(2, kind="silence")]
        await store.save(saved)
        tenant = saved[0].tenant
        silent = await store.find(tenant, AnomalyQuery(kind="silence"))
        assert [one.id for one in events(silent)] == [saved[2].id]
        together = await store.find(tenant, AnomalyQuery(episode_id=saved[0].id))
        assert [one.id for one in events(together)] == [saved[1].id, saved[0].id]

    async def test_an_episode_grows_by_what_is_new_and_by_nothing_that_was_stored(
        self, store, episodes
    ) -> None:
        first = anomaly(0, episode_id=anomaly(0).id, episode_start_time_ms=anomaly(0).event_time_ms)
        start = first.event_time_ms
        more = {"episode_id": first.id, "episode_start_time_ms": start}
        worst = anomaly(5, probability=1e-9, severity="critical", **more)
        last = anomaly(9, score=7.0, **more)
        for saved in ([first], [first, worst], [worst, last], [last, first]):
            await store.save(saved)
        found = await episodes.get(first.tenant, first.id)
        assert found == EpisodeSummary(
            id=first.id,
            tenant=first.tenant,
            stream=first.stream,
            entity="s1",
            kind="record",
            start_ms=start,
            end_ms=last.event_time_ms,
            anomalies=3,
            peak_id=worst.id,
            peak_time_ms=worst.event_time_ms,
            peak_score=5.0,
            peak_probability=1e-9,
            severity="critical",
        )
        assert await episodes.get("somebody-else", first.id) is None

    async def test_episodes_are_listed_page_by_page_and_by_what_is_asked_for(self, store, episodes) -> None:
        saved = [anomaly(number, severity="low" if number % 2 else "high") for number in range(5)]
        saved.append(anomaly(9, stream="pumps", entity="p\x001", kind="silence"))
        await store.save(saved)
        tenant, query, ids = saved[0].tenant, EpisodeQuery(limit=2), []
        while True:
            page = await episodes.find(tenant, query)
            ids += [one.id for one in page.items]
            if page.next_cursor is None:
                break
            query = query._replace(cursor=page.next_cursor)
        assert ids == [one.id for one in reversed(saved)]

        async def numbers(**asked: Any) -> list[int]:
            found = await episodes.find(tenant, EpisodeQuery(**asked))
            return [int(one.id[-4:]) for one in found.items]

        start = saved[0].event_time_ms
        assert await numbers(stream="pumps") == await numbers(kind="silence") == [9]
        assert await numbers(entity="p\x001") == [9]
        assert await numbers(severities=("low",)) == [3, 1]
        assert await numbers(from_ms=start + 1, to_ms=start + 3) == [2, 1]
        assert (await episodes.find("somebody-else", EpisodeQuery())).items == []

    async def test_anomalies_from_before_there_were_episodes_become_one_each(self, store, episodes) -> None:
        saved = [anomaly(0), anomaly(1, kind="silence", score=9.0)]
        await store.save(saved)
        before = [await episodes.get(one.tenant, one.id) for one in saved]
        await migrated(store, "0004_episodes", "0007_corrections", "0008_generations")
        assert [await episodes.get(one.tenant, one.id) for one in saved] == before
        found = await store.find(saved[0].tenant, AnomalyQuery(kind="silence", episode_id=saved[1].id))
        assert events(found) == [saved[1]]

    async def test_a_zero_character_in_a_name_stops_nothing(self, store) -> None:
        strange = anomaly(entity="pump\x00seven")
        await store.save([strange, anomaly(1)])
        [found] = events(await store.find(strange.tenant, AnomalyQuery(entity="pump\x00seven")))
        assert (found.id, found.entity) == (strange.id, "pump\ufffdseven")

    async def test_what_is_superseded_is_hidden_and_so_is_its_retraction(self, store) -> None:
        old = [anomaly(number) for number in range(4)]
        new = anomaly(10, supersedes=old[0].id)
        back = anomaly(11, supersedes=old[1].id, retracted=True)
        await store.save([*old, new])
        await store.save([back])
        tenant = new.tenant
        shown = events(await store.find(tenant, AnomalyQuery()))
        assert [each.id for each in shown] == [new.id, old[3].id, old[2].id]
        everything = await store.find(tenant, AnomalyQuery(superseded=True))
        assert {told.event.id: told.superseded_by for told in everything.items} == {
            **{each.id: None for each in (old[2], old[3], new, back)},
            old[0].id: new.id,
            old[1].id: back.id,
        }
        assert await store.get(tenant, old[1].id) == Told(old[1], back.id)

    async def test_what_was_superseded_first_stays_so_however_often_it_is_told(self, store, episodes) -> None:
        together = {"episode_id": anomaly(0).id, "episode_start_time_ms": anomaly(0).event_time_ms}
        old = [anomaly(number, **together) for number in range(3)]
        new = anomaly(10, supersedes=old[0].id)
        back = anomaly(11, supersedes=old[1].id, retracted=True, **together)
        for saved in (old, [new, back], [back, anomaly(12, supersedes=old[0].id)], [new, *old]):
            await store.save(saved)
        tenant = new.tenant
        assert (await store.get(tenant, old[0].id)).superseded_by == new.id
        found = await episodes.get(tenant, old[0].id)
        assert (found.anomalies, found.superseded, found.peak_id) == (3, 2, old[0].id)
        await store.save([anomaly(13, supersedes=old[2].id, retracted=True, **together)])
        shown = (await episodes.find(tenant, EpisodeQuery())).items
        assert old[0].id not in [each.id for each in shown]
        everything = (await episodes.find(tenant, EpisodeQuery(superseded=True))).items
        assert (everything[-1].id, everything[-1].superseded) == (old[0].id, 3)

    async def test_what_was_told_of_records_comes_in_the_order_of_the_log(self, store) -> None:
        places = [(0, 9), (1, 3), (1, 7), (1, 7), (1, 8), (1, 5_000_000_000)]
        saved = [
            anomaly(100 - number, partition=partition, offset=offset, row=9 - number)
            for number, (partition, offset) in enumerate(places)
        ]
        await store.save(
            [*saved, anomaly(7, stream="pumps", partition=1), anomaly(8, kind="silence", partition=1)]
        )
        span = Span(partition=1, start=4, stop=5_000_000_001, whole=False)
        found, cursor = [], None
        while True:
            page = await store.of_records(("default", "sensors"), span, 2, cursor)
            assert len(page.items) <= 2
            found += events(page)
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == [saved[3], saved[2], saved[4], saved[5]]
        assert (await store.of_records(("somebody-else", "sensors"), span, 2, None)).items == []

    async def test_anomalies_from_before_there_were_corrections_get_their_places(self, store) -> None:
        saved = anomaly(0, partition=3, offset=5_000_000_000, row=7)
        await store.save([saved])
        await migrated(store, "0007_corrections")
        span = Span(partition=3, start=5_000_000_000, stop=5_000_000_001, whole=False)
        page = await store.of_records(("default", "sensors"), span, 5, None)
        assert page.items == [Told(saved)]


async def migrated(store: SqlAnomalies, *names: str) -> None:
    """The database after these revisions were taken back and made again."""
    modules = [import_module(f"ad_detection.migrations.versions.{name}") for name in names]

    def again(connection: Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            for module in reversed(modules):
                module.downgrade()
            for module in modules:
                module.upgrade()
        if connection.dialect.name == "postgresql":
            secure(connection, tables.metadata, tables.SERVICE)

    async with store._database.engine.connect() as connection, connection.begin():
        await connection.run_sync(again)
