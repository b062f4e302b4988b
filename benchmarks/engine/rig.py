"""The platform as it is run, its log filled beforehand, and its workers watched from outside."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from ad_chassis.eventlog.port import EventLog, Message, TopicConfig
from ad_detectors.artifact import save_bytes
from ad_detectors.artifact.keyring import KeyRing
from ad_detectors.model import Model
from benchmarks.engine import progress
from benchmarks.engine.process import cpu_seconds, memory
from benchmarks.engine.progress import Sample
from benchmarks.engine.records import Target, names, schema, values
from tests.e2e.client import Client
from tests.e2e.system import SERVICE_KEY, System

PARTITIONS = 6  # as the platform makes its topics
CONTAMINATION = 0.001
TRAINING_ROWS = 20_000
LOOK_SECONDS = 0.25
START_SECONDS = 120
MOST_BYTES = 8 << 30


class Processes(System):
    """The platform's processes, each known by its number."""

    def pid(self, name: str | None) -> int:
        return self._processes[name].pid

    def leave(self, name: str | None) -> None:
        """Ends a process, one that does not hear by force."""
        try:
            self.end(name)
        except subprocess.TimeoutExpired:
            self.kill(name)
        if name not in {self.scorer, None}:
            self.ports.pop(name, None)


@dataclass(frozen=True)
class Work:
    """Messages that stand in the log; the first `warm` of them are not measured."""

    target: Target
    messages: int
    rows_per_message: int = 1
    warm: int = 0
    most_seconds: float = 60.0


@dataclass(frozen=True)
class Rig:
    system: Processes
    client: Client
    http: httpx2.AsyncClient
    new_log: Callable[[], EventLog]
    models: dict[int, str] = field(default_factory=dict)

    async def model(self, features: int) -> str:
        """The name of an isolation forest 100 × 256 in the registry."""
        if features not in self.models:
            name = f"forest-{features}"
            rows = values(TRAINING_ROWS, features, seed=1)
            model = Model.train("isolation_forest", rows, names(features), contamination=CONTAMINATION)
            data = save_bytes(model, KeyRing(self.system.folder / "keys").signing())
            headers = {"Content-Type": "application/zip"}
            await self.client.call("POST", f"/models/{name}/versions", content=data, headers=headers)
            self.models[features] = name
        return self.models[features]

    @asynccontextmanager
    async def streams(
        self,
        *labels: str,
        features: int,
        entity: bool = False,
        forest: bool = False,
        partitions: int = PARTITIONS,
        **parameters: str,
    ) -> AsyncIterator[Target]:
        """New streams on a topic of their own, gone at the end; without a forest, `adaptive` has the parameters."""
        # Nothing may be left of an earlier run under the same name, also on servers that are given.
        mark = f"{time.time_ns() // 1_000_000:x}"
        found = [f"{label}-{mark}" for label in labels]
        algorithm = "isolation_forest" if forest else "adaptive"
        target = Target(f"bench.default.{found[0]}", partitions, found, algorithm)
        async with self.log() as log:
            await log.create_topics({target.topic: TopicConfig(partitions)})
        for label in found:
            body = {"name": label, "topic": target.topic, "schema": schema(features, entity=entity)}
            await self.client.call("POST", "/streams", json=body | {"settings": {"parameters": parameters}})
            if forest:
                model = await self.model(features)
                await self.client.call("POST", f"/models/{model}/promote", json={"stream": label})
        try:
            yield target
        finally:
            for label in found:
                await self.client.call("DELETE", f"/streams/{label}")

    @asynccontextmanager
    async def log(self) -> AsyncIterator[EventLog]:
        log = self.new_log()
        await log.start()
        try:
            yield log
        finally:
            await log.stop()

    async def publish(self, chunks: Iterable[Sequence[Message]]) -> None:
        async with self.log() as log:
            for chunk in chunks:
                await log.publish(chunk)

    async def work(
        self, work: Work, chunks: Iterable[Sequence[Message]], workers: int = 1, **settings: str
    ) -> list[Sample]:
        """Fills the log while no worker runs, then starts them with these settings and looks on."""
        scorer = self.system.scorer
        self.system.leave(scorer)
        await self.publish(chunks)
        before = dict(self.system.environment)
        self.system.environment.update(settings)
        try:
            self.system.launch(scorer)
            twins = [await self.system.join("detection") for _ in range(workers - 1)]
            await self.system.ready()
            samples = await self.observe(work, [scorer, *twins])
            for twin in twins:
                self.system.leave(twin)
        finally:
            self.system.environment.clear()
            self.system.environment.update(before)
        return samples

    async def observe(self, work: Work, workers: Sequence[str | None]) -> list[Sample]:
        """Looks now and then, until everything is committed or time or memory is used up."""
        samples: list[Sample] = []
        begun, done = time.monotonic(), False
        while not done and not self._spent(work, begun, samples, workers):
            await asyncio.sleep(LOOK_SECONDS)
            sample = await self.look(work.target, workers)
            done = sample.messages >= work.messages
            if sample.messages > work.warm:
                samples.append(sample)
        await self._require_scored(work, workers, done=done)
        return samples

    async def look(self, target: Target, workers: Sequence[str | None]) -> Sample:
        messages, cpu, steps = 0.0, 0.0, dict[str, float]()
        for worker in workers:
            text = await self.metrics(worker)
            cpu += cpu_seconds(self.system.pid(worker))
            messages += progress.total(text, progress.COUNTED, topic=target.topic)
            for name, seconds in progress.steps(text, target.topic).items():
                steps[name] = steps.get(name, 0.0) + seconds
        return Sample(time.monotonic(), messages, cpu, steps)

    async def metrics(self, worker: str | None) -> str:
        # All services in one process have one address, and there metrics are for the services' key alone.
        headers = {"Authorization": f"Bearer {SERVICE_KEY}"}
        address = f"http://127.0.0.1:{self.system.ports[worker]}/metrics"
        return (await self.http.get(address, headers=headers)).text

    def _spent(
        self, work: Work, begun: float, samples: Sequence[Sample], workers: Sequence[str | None]
    ) -> bool:
        resident = max(memory(self.system.pid(worker)).resident for worker in workers)
        since, most = (samples[0].at, work.most_seconds) if samples else (begun, START_SECONDS)
        return time.monotonic() - since > most or resident > MOST_BYTES

    async def _require_scored(self, work: Work, workers: Sequence[str | None], *, done: bool) -> None:
        """What is rejected, or scored by another detector, is not the work that is measured."""
        by_right = by_any = 0.0
        for worker in workers:
            text = await self.metrics(worker)
            for stream in work.target.streams:
                by_any += progress.total(text, progress.SCORED, dataset=stream)
                by_right += progress.total(
                    text, progress.SCORED, dataset=stream, algorithm=work.target.algorithm
                )
        least = work.messages * work.rows_per_message if done else 1
        assert by_right == by_any >= least, (
            f"{by_right:,.0f} of {by_any:,.0f} were scored by {work.target.algorithm}, {least:,} at least "
            f"should be\n{self.system.log(workers[0])}"
        )


@asynccontextmanager
async def running(system: Processes, new_log: Callable[[], EventLog]) -> AsyncIterator[Rig]:
    try:
        await system.start()
        async with Client(system.url, system.admin_key()) as client, httpx2.AsyncClient(timeout=30) as http:
            yield Rig(system, client, http, new_log)
    finally:
        system.stop()


def embedded(folder: Path) -> tuple[Processes, Callable[[], EventLog]]:
    """Everything in one process, on the embedded log."""
    from ad_chassis.eventlog.embedded import EmbeddedLog

    return Processes.embedded(folder), lambda: EmbeddedLog(folder / "eventlog.sqlite")
