"""PostgreSQL shows a transaction the rows of its tenant, whatever its queries ask for."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Column, String, Table, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from ad_chassis.database import EVERY_TENANT, Database, Scope, new_metadata, upsert
from ad_chassis.database.engine import RowSecurityBypassed
from ad_chassis.database.outbox import outbox_table
from ad_chassis.database.row_security import secure

metadata = new_metadata()
things = Table(
    "things",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("text", String(8), nullable=False),
)
outbox = outbox_table(metadata, "rows")
THING = {"id": "1", "tenant": "acme", "text": "secret"}
FOREIGN = "violates row-level security policy"


async def started(url: str) -> Database:
    """As the services start: their tables, then the policies."""
    database = Database(
        url, "rows", migrations="tests.support.shop.guarded_migrations", tables=metadata, pool_size=1
    )
    await database.start()
    return database


@pytest.fixture(params=["superuser", "plain owner"])
async def database(
    request: pytest.FixtureRequest, postgres_url: str, plain_postgres_url: str
) -> AsyncIterator[Database]:
    """As a superuser, whose transactions run as another role, and as the plain owner of the tables."""
    database = await started(postgres_url if request.param == "superuser" else plain_postgres_url)
    async with database.session("acme") as session:
        await session.execute(insert(things), [THING])
    yield database
    await database.stop()


async def seen(database: Database, scope: Scope) -> list[str]:
    async with database.session(scope) as session:
        return list(await session.scalars(select(things.c.text)))


async def test_a_query_without_a_filter_sees_the_rows_of_its_tenant_alone(database: Database) -> None:
    assert await seen(database, "acme") == ["secret"]
    assert await seen(database, "other") == []
    assert await seen(database, EVERY_TENANT) == ["secret"]


async def test_who_names_no_tenant_sees_nothing(database: Database) -> None:
    assert await seen(database, "") == []
    async with database.session("acme") as session:
        await session.execute(text("RESET ad.tenant"))
        await session.execute(text("RESET ad.every_tenant"))
        assert (await session.scalars(select(things.c.text))).all() == []


async def test_no_text_that_somebody_sends_means_every_tenant(database: Database) -> None:
    for name in ("*", "on", "%", "every tenant", "EVERY_TENANT", "acme' OR '1'='1"):
        assert await seen(database, name) == []


async def test_no_row_is_put_into_another_tenant(database: Database) -> None:
    with pytest.raises(ProgrammingError, match=FOREIGN):
        async with database.session("other") as session:
            await session.execute(insert(things), [THING | {"id": "2"}])
    with pytest.raises(ProgrammingError, match=FOREIGN):
        async with database.session("acme") as session:
            await session.execute(update(things).values(tenant="other"))
    assert await seen(database, EVERY_TENANT) == ["secret"]


async def test_rows_of_another_tenant_are_neither_changed_nor_removed(database: Database) -> None:
    async with database.session("other") as session:
        await session.execute(update(things).values(text="changed"))
        await session.execute(things.delete())
    assert await seen(database, "acme") == ["secret"]


async def test_an_upsert_does_not_take_over_a_row_of_another_tenant(database: Database) -> None:
    with pytest.raises(ProgrammingError, match=FOREIGN):
        async with database.session("other") as session:
            await upsert(session, things, [THING | {"tenant": "other"}], keys=["id"])
    async with database.session("acme") as session:
        await upsert(session, things, [THING | {"text": "new"}], keys=["id"])
    assert await seen(database, "acme") == ["new"]


async def test_what_a_transaction_saw_the_next_one_of_its_connection_does_not(database: Database) -> None:
    await seen(database, EVERY_TENANT)
    async with database.engine.connect() as connection:
        # Without `session`, on the only connection of the pool: what was set is gone, the role too.
        query = text("SELECT current_setting('ad.tenant', true), current_setting('ad.every_tenant', true)")
        assert tuple((await connection.execute(query)).one()) in {("", ""), (None, None)}
        assert await connection.scalar(text("SELECT current_user = session_user"))


async def test_a_failed_transaction_leaves_nothing_behind_either(database: Database) -> None:
    with pytest.raises(ProgrammingError):
        async with database.session(EVERY_TENANT) as session:
            await session.execute(text("SELECT * FROM nowhere"))
    assert await seen(database, "other") == []


async def test_every_tenant_adds_to_the_outbox_and_none_reads_it(database: Database) -> None:
    event = {"topic": "t", "headers": b"", "key": b"", "value": b""}
    async with database.session("acme") as session:
        await session.execute(insert(outbox), [event])
        assert (await session.execute(select(outbox.c.topic))).all() == []
        await session.execute(outbox.delete())
    async with database.session(EVERY_TENANT) as session:
        assert (await session.scalars(select(outbox.c.topic))).all() == ["t"]


async def test_a_second_start_changes_nothing(database: Database) -> None:
    await database.stop()
    await database.start()
    assert await seen(database, "acme") == ["secret"]
    await database.check_rows()


async def test_a_role_that_bypasses_the_policies_is_told(
    plain_postgres_url: str, postgres_server: str
) -> None:
    admin = Database(postgres_server, "admin")
    await admin.start()
    name = plain_postgres_url.rsplit("/", 1)[1]
    async with admin.session(EVERY_TENANT) as session:
        await session.execute(text(f"ALTER ROLE {name} BYPASSRLS"))
    await admin.stop()
    database = await started(plain_postgres_url)
    with pytest.raises(RowSecurityBypassed, match="bypasses row-level security"):
        await database.check_rows()
    await database.stop()


async def test_a_table_that_is_not_there_yet_is_no_error(postgres_url: str) -> None:
    database = await started(postgres_url)
    later = new_metadata()
    Table("later", later, Column("tenant", String(63), primary_key=True))
    async with database.engine.begin() as connection:
        assert (await connection.run_sync(secure, later, "rows")).holds
    await database.stop()
