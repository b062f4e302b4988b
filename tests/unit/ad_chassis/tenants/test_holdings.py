"""What a service holds of a tenant, on real storage: a database, and a folder of objects."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, String, Table, func, insert, select

from ad_chassis.database import EVERY_TENANT, Database, new_metadata
from ad_chassis.objects import ObjectStore
from ad_chassis.tenants.holdings import KEPT, Holdings

metadata = new_metadata()
owners = Table(
    "owners",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("name", String(63), nullable=False),
    Column("secret", String(63), nullable=False),
)
pets = Table(
    "pets",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("id", Integer, primary_key=True),
    Column("owner", Integer, ForeignKey("owners.id"), nullable=False),
)
laws = Table(
    "laws", metadata, Column("tenant", String(63), primary_key=True), info={KEPT: "they are for ever"}
)
shared = Table("shared", metadata, Column("id", Integer, primary_key=True))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}", "pets")
    await database.start()
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    async with database.session(EVERY_TENANT) as session:
        for number, tenant in enumerate(("acme", "acme2", "acme")):
            await session.execute(
                insert(owners).values(id=number, tenant=tenant, name=f"n{number}", secret="s")
            )
            await session.execute(insert(pets).values(tenant=tenant, id=number, owner=number))
        await session.execute(insert(laws), [{"tenant": "acme"}])
        await session.execute(insert(shared), [{"id": 1}])
    yield database
    await database.stop()


@pytest.fixture
async def objects(tmp_path: Path) -> ObjectStore:
    store = ObjectStore((tmp_path / "objects").as_uri())
    for key in ("zoo/acme/1.bin", "zoo/acme2/1.bin", "other/acme/1.bin"):
        await store.put(key, key.encode())
    return store


async def left(database: Database) -> dict[str, int]:
    async with database.session(EVERY_TENANT) as session:
        return {
            table.name: int((await session.execute(select(func.count()).select_from(table))).scalar_one())
            for table in metadata.sorted_tables
        }


async def test_rows_are_handed_out_by_table_without_those_of_others(
    database: Database, objects: ObjectStore
) -> None:
    holdings = Holdings(database, metadata, objects, ["zoo"])
    found = [each async for each in holdings.rows("acme")]
    assert [(table, row["id"]) for table, row in found] == [
        ("owners", 0),
        ("owners", 2),
        ("pets", 0),
        ("pets", 2),
    ]
    assert {row["tenant"] for _, row in found} == {"acme"}


async def test_only_the_columns_that_are_named_are_handed_out(
    database: Database, objects: ObjectStore
) -> None:
    holdings = Holdings(database, metadata, objects, columns={"owners": ("name",)})
    found = [each async for each in holdings.rows("acme")]
    assert found == [("owners", {"name": "n0"}), ("owners", {"name": "n2"})]


async def test_more_rows_than_a_page_are_all_handed_out(
    database: Database, objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ad_chassis.tenants.holdings.PAGE", 2)
    monkeypatch.setattr("ad_chassis.tenants.holdings.AT_ONCE", 2)
    rows = [{"tenant": "acme", "id": number, "owner": 0} for number in range(10, 15)]
    async with database.session("acme") as session:
        await session.execute(insert(pets), rows)
    holdings = Holdings(database, metadata, objects, ["zoo"])
    found = [row["id"] async for table, row in holdings.rows("acme") if table == "pets"]
    assert found == [0, 2, 10, 11, 12, 13, 14]
    assert (await holdings.erase("acme"))["pets"] == 7


async def test_objects_are_those_of_the_folders_of_the_service_and_of_the_whole_name(
    database: Database, objects: ObjectStore
) -> None:
    holdings = Holdings(database, metadata, objects, ["zoo"])
    assert await holdings.objects("acme") == {"zoo/acme/1.bin": 14}
    assert [chunk async for chunk in holdings.stream("zoo/acme/1.bin")] == [b"zoo/acme/1.bin"]


async def test_what_is_erased_is_counted_and_a_second_time_nothing_is_found(
    database: Database, objects: ObjectStore
) -> None:
    holdings = Holdings(database, metadata, objects, ["zoo"])
    assert await holdings.erase("acme") == {"owners": 2, "pets": 2, "zoo/": 1}
    assert await holdings.erase("acme") == {}
    assert await left(database) == {"owners": 1, "pets": 1, "laws": 1, "shared": 1}
    assert [each.key for each in await objects.list()] == ["other/acme/1.bin", "zoo/acme2/1.bin"]
