"""What the store of dead letters does on either database. Adapters inherit this and give `database_url`."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from ad_chassis.database import EVERY_TENANT
from ad_chassis.database.migrations import differences
from ad_chassis.database.outbox import Outbox
from ad_chassis.settings import DatabaseSettings
from ad_chassis.testing import memory_platform
from ad_ingestion.adapters import tables
from ad_ingestion.adapters.events import EventWriter
from ad_ingestion.adapters.sql_store import SqlStore
from ad_ingestion.domain.dead_letters import LetterQuery
from ad_ingestion.domain.replays import ReplayMessage
from tests.support.dead_letters import letter

ALL = LetterQuery()
HEADERS = [("a", b"\xff"), ("b", None), ("a", b"")]


class DeadLetterStoreSpec:
    @pytest.fixture
    async def store(self, database_url: str | None, tmp_path: Path) -> AsyncIterator[SqlStore]:
        async with memory_platform(tmp_path, database=DatabaseSettings(url=database_url)) as platform:
            database = platform.database(tables.SERVICE, "ad_ingestion.migrations", tables.metadata)
            await database.start()
            outbox = Outbox(database, platform.event_log, tables.outbox)
            yield SqlStore(database, outbox, EventWriter(platform.codec))
            await database.stop()

    async def keep(self, store: SqlStore, *letters) -> None:
        async with store.transaction(EVERY_TENANT) as work:
            await work.add_dead_letters(letters)

    async def ids(self, store: SqlStore, query: LetterQuery = ALL, tenant: str = "default") -> list[str]:
        async with store.transaction(EVERY_TENANT, read_only=True) as work:
            found = await work.oldest_dead_letters(tenant, query, 0, 100)
            assert await work.count_dead_letters(tenant, query) == len(found)
        return [each.event_id for each in found]

    async def test_the_migrations_make_the_tables(self, store) -> None:
        async with store._database.engine.connect() as connection:
            assert await connection.run_sync(differences, tables.metadata, tables.SERVICE) == []

    async def test_a_letter_comes_back_as_it_was_kept(self, store) -> None:
        kept = letter("d/1", b"\x00\xff", HEADERS)
        await self.keep(store, kept, kept)
        async with store.transaction(EVERY_TENANT, read_only=True) as work:
            found = await work.dead_letter("default", "d/1")
            assert await work.dead_letter("acme", "d/1") is None
        assert found is not None
        assert found == replace(kept, id=found.id)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            (LetterQuery(stream="sensors"), ["d/1", "d/2"]),
            (LetterQuery(reason="50% OF"), ["d/2"]),
            (LetterQuery(reason="_% of"), []),
            (LetterQuery(field="load"), ["d/2"]),
            (LetterQuery(source="ingestion"), ["d/3"]),
            (LetterQuery(state="replayed"), []),
            (LetterQuery(from_ms=2), ["d/2", "d/3"]),
            (LetterQuery(to_ms=2), ["d/1"]),
            (LetterQuery(stream="sensors", from_ms=2, to_ms=3), ["d/2"]),
        ],
    )
    async def test_a_query_finds_that_of_which_everything_holds(self, store, query, found) -> None:
        second = letter("d/2", rejected_time_ms=2, field="load", reason="50% of\x00it")
        third = letter("d/3", rejected_time_ms=3, stream="pumps", source="ingestion")
        await self.keep(store, letter("d/1", rejected_time_ms=1), second, third, letter("a/1", tenant="acme"))
        assert await self.ids(store, query) == found

    async def test_groups_count_one_kind_of_reason_of_one_stream(self, store) -> None:
        reasons = ["field 'f1': 7 is not", "field 'f1': 8.5 is not", "other"]
        letters = [
            letter(f"d/{time}", reason=reason, rejected_time_ms=time) for time, reason in enumerate(reasons)
        ]
        await self.keep(store, *letters, letter("p/1", stream=None, reason="other", rejected_time_ms=9))
        async with store.transaction(EVERY_TENANT) as work:
            [first] = await work.oldest_dead_letters("default", ALL, 0, 1)
            assert await work.mark_replayed([first], 5)
            groups = await work.dead_letter_groups("default", ALL, 10)
            assert await work.dead_letter_groups("acme", ALL, 10) == []
        shown = [(each.stream, each.kind, each.count, each.open, each.example) for each in groups]
        assert shown == [
            ("sensors", "field 'f1': … is not", 2, 1, "d/1"),
            (None, "other", 1, 1, "p/1"),
            ("sensors", "other", 1, 1, "d/2"),
        ]
        assert (groups[0].first_ms, groups[0].last_ms) == (0, 1)

    async def test_pages_are_newest_first_and_complete(self, store) -> None:
        await self.keep(store, *(letter(f"d/{number}") for number in range(5)))
        found, cursor = [], None
        for _ in range(3):
            async with store.transaction(EVERY_TENANT, read_only=True) as work:
                page = await work.dead_letters("default", ALL, cursor, 2)
            found += [each.event_id for each in page.items]
            cursor = page.next_cursor and int(page.next_cursor)
        assert (found, cursor) == ([f"d/{number}" for number in range(4, -1, -1)], None)

    async def test_what_changed_since_it_was_read_is_not_marked(self, store) -> None:
        await self.keep(store, letter("d/1"), letter("d/2"))
        async with store.transaction(EVERY_TENANT) as work:
            letters = await work.oldest_dead_letters("default", ALL, 0, 10)
            assert await work.mark_replayed(letters[:1], 5)
        async with store.transaction(EVERY_TENANT) as work:
            assert not await work.mark_replayed(letters, 6)
        async with store.transaction(EVERY_TENANT) as work:
            now = await work.oldest_dead_letters("default", LetterQuery(state="replayed"), 0, 10)
            assert await work.mark_replayed(now, 7), "as it was read: forced"

    async def test_a_message_that_is_replayed_stands_in_the_log_after_the_commit(self, store) -> None:
        message = ReplayMessage("records.default", b"key", b"value", [("ce_id", b"1"), ("x", b"")])
        async with store.transaction(EVERY_TENANT) as work:
            await work.replay([message])
        await store.tell()
        log = store._outbox._log
        assert sum((await log.end_offsets("records.default")).values()) == 1

    async def test_what_is_deleted_is_counted_and_gone(self, store) -> None:
        letters = [letter(f"d/{time}", rejected_time_ms=time) for time in range(4)]
        await self.keep(store, *letters, letter("a/1", tenant="acme", rejected_time_ms=0))
        async with store.transaction(EVERY_TENANT) as work:
            assert await work.delete_dead_letters("default", LetterQuery(to_ms=1)) == 1
            assert await work.delete_dead_letter("default", "d/3")
            assert not await work.delete_dead_letter("default", "a/1")
        assert await self.ids(store) == ["d/1", "d/2"]
        async with store.transaction(EVERY_TENANT) as work:
            await work.forget_dead_letters(2)
        assert (await self.ids(store), await self.ids(store, tenant="acme")) == (["d/2"], [])
