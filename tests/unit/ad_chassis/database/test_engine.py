"""SQLite keeps to the specification of a database."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, StatementError

from ad_chassis.database import EVERY_TENANT, Database
from tests.specs.database import DatabaseSpec
from tests.support.shop import MIGRATIONS, Item


class TestSqlite(DatabaseSpec):
    @pytest.fixture
    def database_url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'folder' / 'shop.sqlite'}"

    async def test_files_are_made_in_a_folder_that_only_the_user_opens(
        self, database: Database, tmp_path: Path
    ) -> None:
        await database.check()
        assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o700

    async def test_the_file_is_in_wal_mode_with_foreign_keys(self, database: Database) -> None:
        async with database.session(EVERY_TENANT) as session:
            assert await session.scalar(text("PRAGMA journal_mode")) == "wal"
            assert await session.scalar(text("PRAGMA foreign_keys")) == 1

    async def test_who_only_reads_does_not_wait_for_a_writer(self, database: Database) -> None:
        async with database.session(EVERY_TENANT) as writer:
            writer.add(Item(name="a", amount=1))
            await writer.flush()
            assert await self.names(database) == []
        assert await self.names(database) == ["a"]

    async def test_a_migration_that_fails_changes_nothing(self, database_url: str) -> None:
        broken = Database(database_url, "broken", migrations="tests.support.shop.broken_migrations")
        with pytest.raises(OperationalError):
            await broken.start()
        async with broken.engine.connect() as connection:
            tables = await connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
            assert list(tables) == []
        await broken.stop()


async def test_a_moment_without_a_zone_is_refused(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}", "shop", migrations=MIGRATIONS)
    await database.start()
    with pytest.raises(StatementError, match="a moment needs a time zone"):
        async with database.session(EVERY_TENANT) as session:
            session.add(Item(name="a", amount=1, made_at=datetime(2026, 1, 1)))
    await database.stop()
