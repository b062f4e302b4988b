"""What a database does, whichever it is. Adapters inherit this and give the fixture `database_url`."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from ad_chassis.database import EVERY_TENANT, Database, insert_new, upsert
from ad_chassis.database.migrations import differences, version_table
from tests.support.shop import MIGRATIONS, Item, Note

SERVICE = "shop"
ROOT = Path(__file__).parents[2]
START = """
import asyncio, sys
from ad_chassis.database import Database
import alembic.command
database = Database(sys.argv[1], sys.argv[2], migrations=sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
asyncio.run(database.start())
"""


class DatabaseSpec:
    @pytest.fixture
    async def database(self, database_url: str) -> AsyncIterator[Database]:
        database = Database(database_url, SERVICE, migrations=MIGRATIONS)
        await database.start()
        yield database
        await database.stop()

    async def names(self, database: Database) -> list[str]:
        async with database.session(EVERY_TENANT, read_only=True) as session:
            return list(await session.scalars(select(Item.name).order_by(Item.name)))

    async def test_a_session_commits_at_its_end(self, database: Database) -> None:
        async with database.session(EVERY_TENANT) as session:
            session.add(Item(name="a", amount=1))
        assert await self.names(database) == ["a"]

    async def test_an_error_in_a_session_undoes_all_of_it(self, database: Database) -> None:
        async def fail() -> None:
            async with database.session(EVERY_TENANT) as session:
                session.add(Item(name="a", amount=1))
                await session.flush()
                raise RuntimeError("changed my mind")

        with pytest.raises(RuntimeError):
            await fail()
        assert await self.names(database) == []

    async def test_a_broken_foreign_key_is_refused(self, database: Database) -> None:
        with pytest.raises(IntegrityError):
            async with database.session(EVERY_TENANT) as session:
                session.add(Note(item="nobody", text="x"))

    async def test_a_moment_comes_back_in_utc(self, database: Database) -> None:
        local = datetime(2026, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
        async with database.session(EVERY_TENANT) as session:
            session.add(Item(name="a", amount=1, made_at=local))
        async with database.session(EVERY_TENANT) as session:
            item = await session.get_one(Item, "a")
        assert item.made_at == datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
        assert item.made_at is not None
        assert item.made_at.tzinfo is UTC

    async def test_a_document_comes_back_as_it_was(self, database: Database) -> None:
        document = {"list": [1, 2.5, None, "é"], "deep": {"ok": True}}
        async with database.session(EVERY_TENANT) as session:
            session.add(Item(name="a", amount=1, document=document))
        async with database.session(EVERY_TENANT) as session:
            assert (await session.get_one(Item, "a")).document == document

    async def test_an_upsert_inserts_and_updates(self, database: Database) -> None:
        async with database.session(EVERY_TENANT) as session:
            await upsert(session, Item.table(), [{"name": "a", "amount": 1}], keys=["name"])
            rows = [{"name": "a", "amount": 2}, {"name": "b", "amount": 3}, {"name": "b", "amount": 4}]
            await upsert(session, Item.table(), rows, keys=["name"])
            found = (await session.execute(select(Item.name, Item.amount).order_by(Item.name))).all()
        assert [tuple(row) for row in found] == [("a", 2), ("b", 4)]

    async def test_an_upsert_without_updates_keeps_what_is_there(self, database: Database) -> None:
        async with database.session(EVERY_TENANT) as session:
            await upsert(session, Item.table(), [{"name": "a", "amount": 1}], keys=["name"])
            await upsert(session, Item.table(), [{"name": "a", "amount": 2}], keys=["name"], update=())
            await upsert(session, Item.table(), [], keys=["name"])
            assert (await session.get_one(Item, "a")).amount == 1

    async def test_an_upsert_can_make_one_row_of_both(self, database: Database) -> None:
        table = Item.table()

        def added(new: Any) -> dict[str, Any]:
            return {"amount": table.c.amount + new.amount}

        async with database.session(EVERY_TENANT) as session:
            await upsert(session, table, [{"name": "a", "amount": 1}], keys=["name"], update=added)
            rows = [{"name": "a", "amount": 2}, {"name": "b", "amount": 3}]
            await upsert(session, table, rows, keys=["name"], update=added)
            found = (await session.execute(select(Item.name, Item.amount).order_by(Item.name))).all()
        assert [tuple(row) for row in found] == [("a", 3), ("b", 3)]

    async def test_inserting_what_is_new_tells_what_was(self, database: Database) -> None:
        table = Item.table()
        async with database.session(EVERY_TENANT) as session:
            assert await insert_new(session, table, [], key="name") == set()
            assert await insert_new(session, table, [{"name": "a", "amount": 1}], key="name") == {"a"}
            rows = [{"name": "a", "amount": 2}, {"name": "b", "amount": 3}, {"name": "b", "amount": 4}]
            assert await insert_new(session, table, rows, key="name") == {"b"}
            found = (await session.execute(select(Item.name, Item.amount).order_by(Item.name))).all()
        assert [tuple(row) for row in found] == [("a", 1), ("b", 3)]

    async def test_more_new_rows_than_one_statement_can_take_are_inserted(self, database: Database) -> None:
        rows = [{"name": f"item {number}", "amount": number} for number in range(40_000)]
        async with database.session(EVERY_TENANT) as session:
            assert len(await insert_new(session, Item.table(), rows, key="name")) == 40_000

    async def test_an_upsert_takes_more_rows_than_one_statement_can(self, database: Database) -> None:
        rows = [{"name": f"item {number}", "amount": number} for number in range(40_000)]
        async with database.session(EVERY_TENANT) as session:
            await upsert(session, Item.table(), rows, keys=["name"])
            assert await session.scalar(select(func.count()).select_from(Item)) == 40_000

    async def test_sessions_that_read_and_then_write_at_the_same_time_all_succeed(
        self, database: Database
    ) -> None:
        async with database.session(EVERY_TENANT) as session:
            session.add(Item(name="counter", amount=0))

        async def add_one() -> None:
            async with database.session(EVERY_TENANT) as session:
                item = await session.get_one(Item, "counter", with_for_update=True)
                await asyncio.sleep(0)
                item.amount += 1

        await asyncio.gather(*(add_one() for _ in range(20)))
        async with database.session(EVERY_TENANT) as session:
            assert (await session.get_one(Item, "counter")).amount == 20

    async def test_migrations_leave_the_tables_that_the_models_describe(self, database: Database) -> None:
        async with database.engine.connect() as connection:
            assert await connection.run_sync(differences, Item.metadata, SERVICE) == []

    async def test_the_version_table_is_that_of_the_service(self, database: Database) -> None:
        async with database.session(EVERY_TENANT) as session:
            version = await session.scalar(text(f"SELECT version_num FROM {version_table(SERVICE)}"))
        assert version == "0002"

    async def test_many_databases_of_one_process_that_start_at_once_migrate_once(
        self, database_url: str
    ) -> None:
        databases = [Database(database_url, SERVICE, migrations=MIGRATIONS) for _ in range(8)]
        await asyncio.gather(*(database.start() for database in databases))
        assert [await self.names(database) for database in databases] == [[]] * 8
        await asyncio.gather(*(database.stop() for database in databases))

    async def test_many_processes_that_start_at_once_migrate_once(self, database_url: str) -> None:
        """Nothing but the database's own lock keeps these apart."""
        command = [sys.executable, "-c", START, database_url, SERVICE, MIGRATIONS]
        pipes = {"stdin": PIPE, "stdout": PIPE, "stderr": PIPE}
        processes = [await asyncio.create_subprocess_exec(*command, cwd=ROOT, **pipes) for _ in range(6)]
        for process in processes:
            assert process.stdout is not None
            assert await process.stdout.readline() == b"ready\n"
        ended = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
        errors = [stderr.decode() for _, stderr in ended]
        assert [process.returncode for process in processes] == [0] * 6, errors
        database = Database(database_url, SERVICE)
        await database.start()
        assert await self.names(database) == []
        await database.stop()

    async def test_starting_again_keeps_what_is_stored(self, database_url: str, database: Database) -> None:
        async with database.session(EVERY_TENANT) as session:
            session.add(Item(name="kept", amount=1))
        again = Database(database_url, SERVICE, migrations=MIGRATIONS)
        await again.start()
        assert await self.names(again) == ["kept"]
        await again.stop()

    async def test_two_services_share_a_database(self, database_url: str, database: Database) -> None:
        other = Database(database_url, "other", migrations="tests.support.shop.other_migrations")
        await other.start()
        async with other.session(EVERY_TENANT) as session:
            assert await session.scalar(text("SELECT count(*) FROM others")) == 0
        await other.stop()
        async with database.engine.connect() as connection:
            assert await connection.run_sync(differences, Item.metadata, SERVICE) == []

    async def test_it_is_well_only_while_it_is_started(self, database_url: str) -> None:
        database = Database(database_url, SERVICE)
        with pytest.raises(RuntimeError, match="the database of shop is not started"):
            await database.check()
        await database.start()
        await database.check()
        await database.stop()
        with pytest.raises(RuntimeError, match="the database of shop is not started"):
            await database.check()
