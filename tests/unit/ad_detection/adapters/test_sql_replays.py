"""Replays in the database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ad_chassis.database import Database
from ad_chassis.database.migrations import differences
from ad_chassis.errors import BadRequest
from ad_detection.adapters import tables
from ad_detection.adapters.sql_replays import SqlReplays
from ad_detection.domain.replays import Configuration, Replay, ReplayRequest, Window

REQUEST = ReplayRequest(
    stream="sensors",
    from_ms=5,
    configurations=(Configuration(model="pumps", version=3), Configuration(parameters={"size": "light"})),
    windows=(Window(start_ms=1, end_ms=2, entity="a"),),
)


def replay(number: int = 0, **changes) -> Replay:
    fields = {"id": f"r{number}", "tenant": "default", "owner": "me", "beat_ms": 100, "created_ms": number}
    return Replay(**{"request": REQUEST, "requested_by": "somebody"} | fields | changes)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(
        f"sqlite:///{tmp_path / 'd.sqlite'}", tables.SERVICE, migrations="ad_detection.migrations"
    )
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
def store(database: Database) -> SqlReplays:
    return SqlReplays(database)


async def test_tables_and_migrations_say_the_same(database: Database) -> None:
    async with database.engine.connect() as connection:
        found = await connection.run_sync(differences, tables.metadata, tables.SERVICE)
    assert found == []


async def test_a_replay_comes_back_as_it_was_stored_and_only_to_its_tenant(store: SqlReplays) -> None:
    await store.add(replay())
    assert await store.get("default", "r0") == replay()
    assert await store.get("other", "r0") is None
    await store.remove("other", "r0")
    assert await store.get("default", "r0") is not None
    await store.remove("default", "r0")
    assert await store.get("default", "r0") is None


async def test_one_that_has_ended_is_not_changed_any_more(store: SqlReplays) -> None:
    await store.add(replay())
    assert await store.change("default", "r0", state="running", rows=7, progress=0.5)
    assert await store.change("default", "r0", state="cancelled", finished_ms=9)
    assert not await store.change("default", "r0", state="succeeded", result={})
    found = await store.get("default", "r0")
    assert (found.state, found.rows, found.result) == ("cancelled", 7, None)


async def test_pages_are_newest_first_and_of_one_stream(store: SqlReplays) -> None:
    for number in range(5):
        await store.add(replay(number))
    await store.add(replay(9, request=ReplayRequest(stream="others")))
    first, cursor = await store.page("default", "sensors", 3, None)
    second, last = await store.page("default", "sensors", 3, cursor)
    assert [each.id for each in first + second] == ["r4", "r3", "r2", "r1", "r0"]
    assert last is None
    with pytest.raises(BadRequest):
        await store.page("default", None, 3, "x")


async def test_what_a_dead_process_left_is_interrupted_and_what_a_living_one_has_is_not(
    store: SqlReplays,
) -> None:
    await store.add(replay(1, owner="dead"))
    await store.add(replay(2, owner="me"))
    await store.add(replay(3, owner="dead"))
    await store.change("default", "r3", state="succeeded")
    await store.beat("me", 5_000)
    [ended] = await store.interrupt(6_000, silent_since_ms=1_000)
    assert (ended.id, ended.state, ended.finished_ms) == ("r1", "interrupted", 6_000)
    assert (await store.get("default", "r3")).state == "succeeded"
    [own] = await store.interrupt(7_000, owner="me")
    assert own.id == "r2"
