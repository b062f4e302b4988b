"""What was stored before roles could be made is there after the migration."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from ad_auth.adapters import tables
from ad_auth.adapters.signing import make_signing_key
from ad_auth.adapters.sql_signing_keys import SqlSigningKeys
from ad_auth.domain.credentials import digest
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.exchange_key import exchange_key
from ad_chassis.database import EVERY_TENANT
from ad_chassis.database.migrations import differences
from tests.support.callers import caller

OAUTH = import_module("ad_auth.migrations.versions.0006_oauth")
ROLES = import_module("ad_auth.migrations.versions.0002_roles")
WATCH = import_module("ad_auth.migrations.versions.0005_watch")


@pytest.fixture
def step(database):
    async def step(call):
        def inside(connection):
            with Operations.context(MigrationContext.configure(connection)):
                call()

        async with database.engine.begin() as connection:
            await connection.run_sync(inside)

    return step


async def test_keys_and_users_of_before_go_on(database, store, issuer, add_user, step, now) -> None:
    ann = await add_user()
    await step(ROLES.downgrade)
    async with database.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO api_keys (id, tenant, name, secret_hash, role, created_by, created_at)"
                " VALUES ('0123456789abcdef', 'default', 'old', :hash, 'viewer', 'me', '2026-01-01 00:00:00')"
            ),
            {"hash": digest("its_secret")},
        )
    await step(ROLES.upgrade)
    grant = await exchange_key(store, issuer, None, key_id="0123456789abcdef", secret="its_secret", now=now)
    assert grant.scope == "read"
    async with store.transaction(EVERY_TENANT) as work:
        assert await work.user("default", ann.id) == ann


async def test_going_back_takes_away_what_could_not_be_said_before(database, store, step, now) -> None:
    what = {"by": caller(), "environment": "test", "now": now}
    await create_key(store, name="bound", role="viewer", streams=["pumps"], **what)
    await create_key(store, name="own", permissions=["read"], **what)
    kept, _ = await create_key(store, name="plain", role="viewer", **what)
    await step(ROLES.downgrade)
    async with database.engine.begin() as connection:
        assert list(await connection.scalars(text("SELECT id FROM api_keys"))) == [kept.id]


async def test_the_audit_log_can_be_taken_back_and_made_anew(database, step) -> None:
    async def missing() -> list[str]:
        async with database.engine.connect() as connection:
            found = await connection.run_sync(differences, tables.metadata, tables.SERVICE)
        return sorted({each[1].name for each in found if each[0] == "add_table"})

    await step(WATCH.downgrade)
    assert await missing() == ["audit_entries", "audit_heads", "recovery_codes", "second_factors"]
    await step(WATCH.upgrade)
    assert await missing() == []


async def test_keys_that_signed_before_go_on_and_one_that_waits_is_forgotten_on_the_way_back(
    database, store, issuer, step, now
) -> None:
    keys = SqlSigningKeys(database)
    await keys.add(make_signing_key("ES256", 2, now, datetime.now(UTC) + timedelta(hours=1)))
    await step(OAUTH.downgrade)
    await step(OAUTH.upgrade)
    [key] = await keys.all()
    assert (key.generation, key.signs_from, key.retired_at) == (1, now, None)
