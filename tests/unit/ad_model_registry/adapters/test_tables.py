"""The tables that the migrations make."""

from ad_chassis.database.migrations import differences
from ad_model_registry.adapters import tables


async def test_migrations_and_tables_agree(platform) -> None:
    database = platform.database(tables.SERVICE, "ad_model_registry.migrations")
    await database.start()
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences, tables.metadata, tables.SERVICE) == []
