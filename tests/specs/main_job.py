"""The main job, whatever the platform runs on: records in, a model, every record scored once, anomalies out."""

import asyncio
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from ad_contracts.audit_chain import checked
from tests.e2e.client import Client, Rows, until
from tests.e2e.system import System

START_MS = 1_767_225_600_000
SENSORS = 4
CHUNK = 100
Key = tuple[str, str]


def readings(count: int, *, seed: int = 0, first: int = 0, spikes: tuple[int, ...] = ()) -> Rows:
    """Records of a few sensors, one a second, each with a time of its own."""
    values = np.random.default_rng(seed).normal((10.0, 50.0), (1.0, 5.0), size=(count, 2))
    values[list(spikes)] += 60.0
    times = np.arange(first, first + count) * 1000 + START_MS
    return [
        {"time": int(time), "sensor": f"s{place % SENSORS}", "load": load, "heat": heat}
        for place, (time, (load, heat)) in enumerate(zip(times.tolist(), values.tolist(), strict=True))
    ]


def by_record(scores: Rows) -> dict[Key, float]:
    return {(score["entity"], score["time"]): score["score"] for score in scores}


def scored_once(scores: Rows, count: int) -> bool:
    """Each record has one score: by its id, and by its sensor and time."""
    return len(scores) == count == len({score["record_id"] for score in scores}) == len(by_record(scores))


class MainJobSpec(ABC):
    """Inherited by each way to run the platform; the module has a fixture `system`, a platform that is ready."""

    @abstractmethod
    async def produce(self, system: System, client: Client, stream: str, rows: Rows) -> None:
        """Brings records in, in this order."""

    @pytest.fixture
    async def client(self, system: System) -> AsyncIterator[Client]:
        async with Client(system.url, system.admin_key()) as client:
            yield client

    async def produce_slowly(self, system: System, client: Client, stream: str, rows: Rows) -> None:
        for start in range(0, len(rows), CHUNK):
            await self.produce(system, client, stream, rows[start : start + CHUNK])

    async def test_records_are_scored_by_a_promoted_model_and_anomalies_come_out(
        self, system: System, client: Client
    ) -> None:
        await client.create_stream("job")
        async with client.follow("job") as live:
            await self.produce(system, client, "job", readings(600))
            scores = await client.scores("job", 600)
            assert {score["model_version"] for score in scores} == {None}
            version = await self.trained(client, "job")
            await client.call("POST", "/models/job/promote", json={"stream": "job"})
            one = iter(range(10_000, 20_000))
            sent = await client.until_scored_by("job", version, lambda: readings(1, first=next(one)))
            await self.produce(system, client, "job", readings(400, seed=2, first=1000, spikes=(300,)))
            scores = await client.scores("job", 1000 + sent)
            assert scored_once(scores, 1000 + sent)
            await until(lambda: _has(live, START_MS + 1_300_000), 20, lambda: f"the feed showed {live}")
        stored = {anomaly["id"]: anomaly for anomaly in await client.every("/anomalies", "job")}
        for anomaly in live:
            assert stored[anomaly["id"]] == anomaly
        [spike] = [each for each in live if _time_ms(each) == START_MS + 1_300_000]
        assert (spike["model_version"], spike["algorithm"]) == (version, "isolation_forest")
        assert spike["value"]["load"] > spike["upper"]["load"]
        assert system.errors() == []

    async def trained(self, client: Client, stream: str) -> str:
        """Trains on what came over REST, or on rows of its own where records came straight over the log."""
        rows = [{name: row[name] for name in ("load", "heat")} for row in readings(600)]
        return await client.train(stream, stream, source={"data": rows})

    async def test_what_was_done_is_in_the_audit_log_which_is_whole(self, client: Client) -> None:
        await client.create_stream("audited")
        told: Rows = []

        async def arrived() -> bool:
            query = {"order": "oldest", "limit": 1000}
            told[:] = (await client.call("GET", "/audit", params=query))["items"]
            return any(each["service"] == "ingestion" for each in told)

        await until(arrived, 30, lambda: f"the log has {told}")
        created = next(each for each in told if each["service"] == "ingestion")
        assert (created["action"], created["outcome"]) == ("post stream", "allowed")
        assert created["address"] == "127.0.0.1"
        assert checked(told).seq == told[-1]["seq"]

    async def test_a_model_is_promoted_and_rolled_back_while_records_flow(
        self, system: System, client: Client
    ) -> None:
        await client.create_stream("flow")
        rows = [{name: row[name] for name in ("load", "heat")} for row in readings(300)]
        for _ in range(2):
            await client.train("flow", "flow", source={"data": rows}, parameters={"seed": _})
        stop = asyncio.Event()
        flowing = asyncio.create_task(self._flow(system, client, "flow", stop))
        singles = iter(range(1_000_000, 2_000_000))
        sent = 0
        for path, body, version in [
            ("/models/flow/promote", {"stream": "flow", "version": 1}, "flow@1"),
            ("/models/flow/promote", {"stream": "flow", "version": 2}, "flow@2"),
            ("/models/flow/rollback", {"stream": "flow"}, "flow@1"),
        ]:
            await client.call("POST", path, json=body)
            sent += await client.until_scored_by("flow", version, lambda: readings(1, first=next(singles)))
        stop.set()
        total = await flowing + sent
        scores = await client.scores("flow", total)
        assert scored_once(scores, total)
        order = [None, "flow@1", "flow@2", "flow@1"]
        for sensor in range(SENSORS):
            own = [score["model_version"] for score in scores if score["entity"] == f"s{sensor}"]
            steps = [version for version, _ in groupby(own)]
            assert steps in (order, order[1:]), f"sensor s{sensor} was scored by {steps}"

    async def _flow(self, system: System, client: Client, stream: str, stop: asyncio.Event) -> int:
        """Sends records of all sensors until told to stop; gives how many."""
        sent = 0
        while not stop.is_set() or sent == 0:
            await self.produce(system, client, stream, readings(CHUNK, seed=sent, first=sent))
            sent += CHUNK
            await asyncio.sleep(0.02)
        await self.produce(system, client, stream, readings(CHUNK, seed=sent, first=sent))
        return sent + CHUNK

    async def test_killed_in_the_middle_of_a_stream_it_goes_on_with_the_scores_of_an_uninterrupted_run(
        self, system: System, client: Client
    ) -> None:
        rows = readings(5000, seed=3, spikes=(2500, 4800))
        for stream in ("whole", "killed"):
            await client.create_stream(stream)
        await self.produce_slowly(system, client, "whole", rows)
        expected = await client.scores("whole", len(rows))
        await self.produce_slowly(system, client, "killed", rows[:2000])
        system.kill(system.scorer)
        system.launch(system.scorer)
        await system.ready()
        await self.produce_slowly(system, client, "killed", rows[2000:4000])
        await client.scores("killed", 2500)
        system.kill(system.scorer)
        system.launch(system.scorer)
        await system.ready()
        await self.produce_slowly(system, client, "killed", rows[4000:])
        found = await client.scores("killed", len(rows), seconds=90)
        assert scored_once(found, len(rows))
        assert by_record(found) == by_record(expected)
        anomalies = [await client.every("/anomalies", stream) for stream in ("whole", "killed")]
        whole, killed = (
            {(each["entity"], each["event_time"], each["score"]) for each in part} for part in anomalies
        )
        assert killed == whole
        assert len(anomalies[1]) == len(killed)

    async def test_command_line_rest_and_stream_give_the_same_bits(
        self, system: System, client: Client, tmp_path: Path
    ) -> None:
        await client.create_stream("bits")
        version = await self.trained(client, "bits")
        await client.call("POST", "/models/bits/promote", json={"stream": "bits"})
        one = iter(range(10_000, 20_000))
        await client.until_scored_by("bits", version, lambda: readings(1, first=next(one)))
        before = len(await client.every("/scores", "bits"))
        rows = readings(200, seed=5)
        await self.produce(system, client, "bits", rows)
        streamed = by_record((await client.scores("bits", before + 200))[before:])
        in_order = [streamed[row["sensor"], _iso(row["time"])] for row in rows]
        numbers = [{name: row[name] for name in ("load", "heat")} for row in rows]
        answer = await client.call("POST", "/detect", json={"data": numbers, "model": version})
        assert [result["score"] for result in answer["results"]] == in_order
        assert (
            self._by_command_line(system, await self._artifact(client, version), numbers, tmp_path)
            == in_order
        )

    async def _artifact(self, client: Client, version: str) -> bytes:
        name, _, number = version.partition("@")
        return (await client.http.get(f"/models/{name}/versions/{number}/artifact")).content

    def _by_command_line(self, system: System, artifact: bytes, rows: Rows, folder: Path) -> list[float]:
        model, data, output = folder / "bits.adm", folder / "rows.parquet", folder / "scores.parquet"
        model.write_bytes(artifact)
        pl.DataFrame(rows).write_parquet(data)
        command = [Path(sys.executable).with_name("anomaly_detection"), "detect"]
        arguments = ["--model", model, "--input", data, "--output", output]
        done = subprocess.run(
            [*command, *arguments], env=system.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        scores: list[float] = pl.read_parquet(output)["score"].to_list()
        return scores


def _iso(milliseconds: int) -> str:
    moment = np.datetime64(milliseconds, "ms")
    return f"{str(moment)[:19]}Z" if milliseconds % 1000 == 0 else f"{moment}Z"


def _time_ms(anomaly: dict[str, Any]) -> int:
    return int(np.datetime64(anomaly["event_time"].removesuffix("Z"), "ms").astype(int))


async def _has(live: Rows, time_ms: int) -> bool:
    return any(_time_ms(anomaly) == time_ms for anomaly in live)
