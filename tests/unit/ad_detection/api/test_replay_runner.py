"""The queue of replays: one at a time, ended from anywhere, and what the end of the process leaves."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ad_chassis.database import Database
from ad_chassis.errors import NotFound, TooManyRequests
from ad_detection.adapters import tables
from ad_detection.adapters.sql_replays import SqlReplays
from ad_detection.api import replay_runner as module
from ad_detection.api.replay_runner import ReplayRunner
from ad_detection.domain.chunks import Chunk
from ad_detection.domain.control import Control
from ad_detection.domain.replays import Replay, ReplayRequest
from ad_detection.usecases.run_replay import Tools
from tests.support.records import TENANT, TOPIC, sensor_records, sensor_rule

RECORDS = sensor_records(200)
REQUEST = ReplayRequest(stream="sensors", source="log")


class World:
    """A source that waits to be let go after its first chunk, and says when it does."""

    def __init__(self) -> None:
        self.reached, self.go = asyncio.Event(), asyncio.Event()
        self.error: Exception | None = None
        self.removed: list[str] = []
        self.now = 1_000_000

    async def caught_up(self) -> Control:
        rule = sensor_rule()
        return Control({rule.key: rule})

    async def ready(self, algorithm: str) -> None:
        """Nothing has to be compiled."""

    async def chunks(self, rule: Any, request: ReplayRequest) -> AsyncGenerator[Chunk, None]:
        for place in range(3):
            if place == 2:
                self.reached.set()
                await self.go.wait()
                if self.error is not None:
                    raise self.error
            self.now += 1_000
            yield Chunk(TOPIC, place, RECORDS, 0, 1, progress=(place + 1) / 3)

    async def put(self, replay: Replay, name: str, part: int, anomalies: Any) -> None:
        """Nobody looks at them."""

    async def remove(self, tenant: str, replay_id: str) -> None:
        self.removed.append(replay_id)

    def tools(self, run: Callable[..., Awaitable[Any]]) -> Tools:
        return Tools(
            view=self, models=self, detectors=self, sources={"log": self}, findings=self,
            clock_ms=lambda: self.now, run=run, max_rows=10_000,
        )  # fmt: skip


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlReplays]:
    url = f"sqlite:///{tmp_path / 'd.sqlite'}"
    database = Database(url, tables.SERVICE, migrations="ad_detection.migrations")
    await database.start()
    yield SqlReplays(database)
    await database.stop()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def runner(store: SqlReplays, world: World) -> AsyncIterator[ReplayRunner]:
    runner = ReplayRunner(store, world.tools, lambda: world.now)
    await runner.start()
    yield runner
    await runner.stop()


async def until(store: SqlReplays, replay: Replay, *states: str) -> Replay:
    async with asyncio.timeout(20):
        while True:
            found = await store.get(TENANT, replay.id)
            if found is not None and found.state in states:
                return found
            await asyncio.sleep(0.01)


async def test_a_replay_runs_to_its_result_and_tells_how_far_it_is(runner, store, world) -> None:
    replay = await runner.submit(TENANT, REQUEST, "me")
    await world.reached.wait()
    going = await until(store, replay, "running")
    assert (going.rows, going.progress) == (200, pytest.approx(1 / 3))
    world.go.set()
    ended = await until(store, replay, "succeeded")
    assert (ended.rows, ended.progress, ended.result["configurations"]["a"]["scored"]) == (600, 1.0, 600)
    assert world.removed == []


async def test_one_that_runs_can_be_cancelled_and_the_next_one_goes_on(runner, store, world) -> None:
    first, second = [await runner.submit(TENANT, REQUEST, "me") for _ in range(2)]
    await world.reached.wait()
    assert (await store.get(TENANT, second.id)).state == "queued"
    assert (await runner.cancel(TENANT, first.id)).state == "cancelled"
    world.go.set()
    await until(store, second, "succeeded")
    assert (await store.get(TENANT, first.id)).state == "cancelled"
    assert world.removed == [first.id]
    assert (await runner.cancel(TENANT, second.id)).state == "succeeded"


async def test_one_that_waits_is_cancelled_before_it_begins(runner, store, world) -> None:
    first, second = [await runner.submit(TENANT, REQUEST, "me") for _ in range(2)]
    await world.reached.wait()
    await runner.cancel(TENANT, second.id)
    world.go.set()
    await until(store, first, "succeeded")
    third = await runner.submit(TENANT, REQUEST, "me")
    await until(store, third, "succeeded")
    assert (await store.get(TENANT, second.id)).started_ms is None


async def test_one_that_another_process_ended_stops_by_itself(runner, store, world) -> None:
    replay = await runner.submit(TENANT, REQUEST, "me")
    await world.reached.wait()
    await store.change(TENANT, replay.id, state="cancelled")
    world.go.set()
    async with asyncio.timeout(20):
        while world.removed != [replay.id]:
            await asyncio.sleep(0.01)
    assert (await store.get(TENANT, replay.id)).state == "cancelled"


async def test_what_fails_says_why_but_not_what_is_inside(runner, store, world) -> None:
    world.error = RuntimeError("secret of the house")
    world.go.set()
    replay = await runner.submit(TENANT, REQUEST, "me")
    failed = await until(store, replay, "failed")
    assert "RuntimeError" in failed.error
    assert "secret" not in failed.error


async def test_the_queue_has_an_end(runner, world, monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 1)
    await runner.submit(TENANT, REQUEST, "me")
    await world.reached.wait()
    await runner.submit(TENANT, REQUEST, "me")
    with pytest.raises(TooManyRequests):
        await runner.submit(TENANT, REQUEST, "me")


async def test_what_is_not_there_cannot_be_cancelled_nor_by_another_tenant(runner, world) -> None:
    replay = await runner.submit(TENANT, REQUEST, "me")
    with pytest.raises(NotFound):
        await runner.cancel("other", replay.id)
    with pytest.raises(NotFound):
        await runner.remove(TENANT, "nothing")


async def test_the_end_of_the_process_interrupts_what_runs_and_what_waits(store, world) -> None:
    runner = ReplayRunner(store, world.tools, lambda: world.now)
    await runner.start()
    replays = [await runner.submit(TENANT, REQUEST, "me") for _ in range(2)]
    await world.reached.wait()
    await runner.stop()
    for replay in replays:
        assert (await store.get(TENANT, replay.id)).state == "interrupted"
    assert set(world.removed) == {replay.id for replay in replays}


async def test_what_a_killed_process_left_is_interrupted_at_the_next_start(store, world) -> None:
    dead = ReplayRunner(store, world.tools, lambda: world.now)
    replay = await dead.submit(TENANT, REQUEST, "me")
    world.now += module.SILENT_MS + 1
    runner = ReplayRunner(store, world.tools, lambda: world.now)
    await runner.start()
    assert (await store.get(TENANT, replay.id)).state == "interrupted"
    assert world.removed == [replay.id]
    await runner.stop()
