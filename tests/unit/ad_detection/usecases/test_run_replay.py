"""A replay from its source to its result."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import numpy as np
import pytest

from ad_chassis.errors import NotFound, Unavailable, Unprocessable
from ad_detection.domain.chunks import Chunk
from ad_detection.domain.control import Control
from ad_detection.domain.replays import Configuration, Replay, ReplayRequest
from ad_detection.ports import ModelUnusable
from ad_detection.usecases import run_replay as module
from ad_detection.usecases.run_replay import Tools, contenders_of, run_replay
from ad_detectors.model import Model
from tests.support.records import TENANT, TOPIC, sensor_records, sensor_rule

RECORDS = sensor_records(3000, spikes=range(1000, 3000, 100))


@dataclass
class World:
    """One stream, one model, records of one partition."""

    parts: dict[tuple[str, int], list] = field(default_factory=dict)
    told: list[tuple[int, float | None]] = field(default_factory=list)
    unready: int = 0

    async def caught_up(self) -> Control:
        rule = sensor_rule()
        return Control({rule.key: rule})

    async def load(self, tenant: str, name: str, version: int) -> Model:
        if version != 1:
            raise ModelUnusable(f"{name}@{version} is not in the registry")
        rows = np.random.default_rng(1).normal((10.0, 50.0), (1.0, 5.0), (300, 2))
        return Model.train("zscore", rows, ["load", "heat"])

    async def ready(self, algorithm: str) -> None:
        self.unready -= 1
        if self.unready >= 0:
            raise Unavailable("is being compiled")

    async def chunks(self, rule, request) -> AsyncGenerator[Chunk, None]:
        self.schema = rule.schema
        for start in range(0, 3000, 1000):
            yield Chunk(
                TOPIC, 0, RECORDS[start : start + 1000], start, start + 999, progress=(start + 1000) / 3000
            )

    async def put(self, replay: Replay, name: str, part: int, anomalies) -> None:
        assert (name, part) not in self.parts
        self.parts[name, part] = list(anomalies)

    async def tell(self, rows: int, progress: float | None) -> None:
        self.told.append((rows, progress))

    def tools(self, max_rows: int = 10_000) -> Tools:
        return Tools(
            view=self, models=self, detectors=self, sources={"log": self, "lake": self}, findings=self,
            clock_ms=lambda: 5, run=asyncio.to_thread, max_rows=max_rows,
        )  # fmt: skip


def replay(**request) -> Replay:
    return Replay(
        id="r1", tenant=TENANT, request=ReplayRequest(stream="sensors", **{"source": "log"} | request),
        requested_by="me", created_ms=0, owner="o", beat_ms=0,
    )  # fmt: skip


async def test_the_result_counts_what_was_kept_and_progress_is_told_after_each_chunk(monkeypatch) -> None:
    monkeypatch.setattr(module, "PART", 4)
    world = World()
    result = await run_replay(replay(), world.tools(), world.tell)
    assert [rows for rows, _ in world.told] == [1000, 2000, 3000]
    assert world.told[-1][1] == 1.0
    a = result["configurations"]["a"]
    assert a["alerts"] == a["kept"] == sum(map(len, world.parts.values())) > 4
    assert {len(part) for part in list(world.parts.values())[:-1]} == {4}


async def test_of_very_many_anomalies_the_first_are_kept_and_all_are_counted(monkeypatch) -> None:
    monkeypatch.setattr(module, "PART", 2)
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    world = World()
    result = await run_replay(replay(), world.tools(), world.tell)
    assert result["configurations"]["a"]["kept"] == 3 < result["configurations"]["a"]["alerts"]


async def test_more_records_than_allowed_end_it() -> None:
    world = World()
    with pytest.raises(Unprocessable, match="1,500 records"):
        await run_replay(replay(), world.tools(max_rows=1500), world.tell)


async def test_it_waits_for_kernels_that_are_being_compiled_but_not_for_ever() -> None:
    world = World(unready=3)
    await run_replay(replay(), world.tools(), world.tell)
    with pytest.raises(Unavailable):
        await run_replay(replay(), World(unready=100).tools(), world.tell)


async def test_records_of_the_lake_are_taken_as_accepted() -> None:
    world = World()
    await run_replay(replay(source="lake"), world.tools(), world.tell)
    assert world.schema.timestamp == "arrival"


async def test_what_is_not_there_is_named() -> None:
    tools = World().tools()
    with pytest.raises(NotFound, match="nobody"):
        await contenders_of(tools, TENANT, ReplayRequest(stream="nobody"))
    wanted = (Configuration(), Configuration(model="pumps", version=2))
    with pytest.raises(Unprocessable, match=r"configurations\.1: pumps@2 is not in the registry"):
        await contenders_of(tools, TENANT, ReplayRequest(stream="sensors", configurations=wanted))
