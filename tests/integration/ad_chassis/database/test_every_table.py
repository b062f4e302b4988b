"""Every table of every service has row-level security, forced and for all commands; a new one has it by itself."""

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import text

from ad_chassis.database import EVERY_TENANT, Database

ROOT = Path(__file__).parents[4]
PACKAGES = sorted(each.parent.name for each in ROOT.glob("services/*/*/migrations"))
WITHOUT_TENANT = {
    # Events of all tenants that wait for the log: any transaction adds one, none but the publisher's reads them.
    *(f"outbox_{service}" for service in ("auth", "ingestion", "model_registry", "training")),
    # Keys of the lake that upkeep removes later; a key begins with its tenant.
    "replaced_files",
}
TABLES = text(
    "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    " AND relname NOT LIKE 'alembic_version_%' ORDER BY relname"
)
POLICIES = text("SELECT tablename, cmd, qual, with_check FROM pg_policies WHERE policyname = 'tenant_rows'")


@pytest.fixture(params=["superuser", "plain owner"])
async def database(
    request: pytest.FixtureRequest, postgres_url: str, plain_postgres_url: str
) -> AsyncIterator[Database]:
    """All services in one database."""
    url = postgres_url if request.param == "superuser" else plain_postgres_url
    services = [service(url, package) for package in PACKAGES]
    for each in services:
        await each.start()
    yield services[0]
    for each in services:
        await each.stop()


def service(url: str, package: str) -> Database:
    tables = import_module(f"{package}.adapters.tables")
    return Database(url, tables.SERVICE, migrations=f"{package}.migrations", tables=tables.metadata)


async def test_every_table_is_guarded_for_all_commands_and_for_its_owner_too(database: Database) -> None:
    async with database.engine.connect() as connection:
        tables = (await connection.execute(TABLES)).all()
        policies = {row.tablename: row for row in await connection.execute(POLICIES)}
    assert len(tables) >= 24
    assert [row.relname for row in tables if not (row.relrowsecurity and row.relforcerowsecurity)] == []
    assert sorted(policies) == [row.relname for row in tables]
    for name, policy in policies.items():
        assert policy.cmd == "ALL", name
        assert policy.qual == policy.with_check, name
        by_tenant = "tenant)::text = ( SELECT current_setting('ad.tenant'" in policy.qual
        assert by_tenant or name in WITHOUT_TENANT, f"{name} has no tenant; add the column, or say why not"


async def test_a_service_may_touch_its_own_tables_only(database: Database) -> None:
    async with database.session(EVERY_TENANT) as session:
        owner = await session.scalar(text("SELECT rolname FROM pg_roles WHERE rolname = current_user"))
        theirs = await session.scalar(text("SELECT has_table_privilege('training_jobs', 'SELECT')"))
    assert theirs is (owner != "ad_auth_rows")
