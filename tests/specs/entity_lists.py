"""What the store of lists of entities does on either database. Adapters inherit this and give `database_url`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ad_chassis.errors import BadRequest
from ad_chassis.settings import DatabaseSettings
from ad_chassis.testing import memory_platform
from ad_detection.adapters import sql_entity_lists, tables
from ad_detection.adapters.sql_entity_lists import SqlEntityLists
from ad_detection.domain.listing import LISTS, Changes, Listed, Marks, StreamLists
from tests.support.entity_lists import KEY, met


def changes(*rows: tuple[str, int], evicted: tuple[str, ...] = ()) -> Changes:
    lists = StreamLists()
    for names, at_ms in rows:
        lists.add(met(names, evicted=evicted), Marks(), at_ms)
    return lists.take()


async def names(store: SqlEntityLists, name: str = "cold", key: tuple[str, str] = KEY) -> list[str]:
    return [each.entity for each in (await store.page(key, name, 50, None)).items]


class EntityListStoreSpec:
    @pytest.fixture
    async def store(self, database_url: str | None, tmp_path: Path) -> AsyncIterator[SqlEntityLists]:
        async with memory_platform(tmp_path, database=DatabaseSettings(url=database_url)) as platform:
            database = platform.database(tables.SERVICE, "ad_detection.migrations", tables.metadata)
            await database.start()
            yield SqlEntityLists(database)
            await database.stop()

    async def test_what_comes_again_is_added_to_what_is_listed(self, store: SqlEntityLists) -> None:
        await store.save({KEY: changes(("a b", 5))})
        await store.save({KEY: changes(("a a", 9))})
        page = await store.page(KEY, "cold", 50, None)
        assert page.items == [Listed("a", 3, 5, 9), Listed("b", 1, 5, 5)]
        assert page.next_cursor is None

    async def test_those_that_have_warmed_up_are_cold_no_longer(self, store: SqlEntityLists) -> None:
        await store.save({KEY: changes(("a b", 5), evicted=("a",))})
        await store.save({KEY: Changes({name: [] for name in LISTS}, frozenset({"a"}))})
        assert await store.cold([KEY, ("acme", "pumps")]) == {KEY: ["b"]}
        assert await names(store, "evicted") == ["a"]

    async def test_pages_follow_each_other_the_latest_first(self, store: SqlEntityLists) -> None:
        await store.save({KEY: changes(*((f"e{number}", number // 3) for number in range(8)))})
        found, cursor = [], None
        while True:
            page = await store.page(KEY, "cold", 3, cursor)
            found += page.items
            if (cursor := page.next_cursor) is None:
                break
        assert [each.last_ms for each in found] == [2, 2, 1, 1, 1, 0, 0, 0]
        assert len({each.entity for each in found}) == 8
        with pytest.raises(BadRequest):
            await store.page(KEY, "cold", 3, "no cursor")

    async def test_only_the_latest_are_listed(
        self, store: SqlEntityLists, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sql_entity_lists, "KEPT", 4)
        for at_ms in range(6):
            await store.save({KEY: changes((f"a{at_ms} b{at_ms}", at_ms))})
        assert sorted(await names(store)) == ["a4", "a5", "b4", "b5"]

    async def test_each_stream_and_tenant_has_lists_of_its_own(self, store: SqlEntityLists) -> None:
        await store.save({KEY: changes(("a", 1))})
        await store.save({("acme", "sensors"): changes(("b", 1))})
        assert await names(store) == ["a"]
        assert await names(store, key=("acme", "sensors")) == ["b"]
        assert await names(store, key=("default", "others")) == []
        assert await names(store, "refused") == []

    async def test_what_is_old_is_forgotten(self, store: SqlEntityLists) -> None:
        await store.save({KEY: changes(("a", 1), ("b", 2))})
        await store.forget(2)
        assert await names(store) == ["b"]

    async def test_any_name_can_be_listed(self, store: SqlEntityLists) -> None:
        strange = ["x" * 9_000, "zero\x00", "\N{SNOWMAN}", ""]
        await store.save({KEY: changes(("A", 1), evicted=tuple(strange))})
        assert sorted(await names(store, "evicted")) == sorted(
            each.replace("\x00", "\N{REPLACEMENT CHARACTER}") for each in strange
        )

    async def test_all_lists_of_some_streams_are_taken_away(self, store: SqlEntityLists) -> None:
        others = ("default", "pumps"), ("acme", "sensors")
        await store.save({key: changes(("a b", 5), evicted=("c",)) for key in (KEY, *others)})
        await store.drop([KEY, ("acme", "pumps")])
        assert await names(store) + await names(store, "evicted") == []
        assert [sorted(await names(store, key=key)) for key in others] == [["a", "b"]] * 2
