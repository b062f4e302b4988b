"""One tenant with a stream, its workers and generators, and the audit over all that came of them."""

import asyncio
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from aiokafka.errors import KafkaError

from ad_contracts.events import ChallengerVersion, DeploymentChanged, StreamChanged
from ad_contracts.topics import topic
from ad_detection.domain.control import StreamRule, StreamSettings
from tests.faults import topics
from tests.faults.audit import Audit, audit
from tests.faults.generator import Traffic
from tests.faults.ledger import read_ledger
from tests.faults.models import CYCLE, SHADOW, SHADOWED, Registry, Version, named
from tests.faults.outputs import CODEC, Told, read_outputs
from tests.faults.processes import Generator, Nursery, Worker
from tests.faults.records import SCHEMA, STREAM
from tests.faults.replay import replay, switches_told
from tests.faults.worker import VARIABLE, Faults

NOBODY = "http://127.0.0.1:1"
SETTLE_SECONDS = 60.0
PATIENCE_SECONDS = 40.0
LOOK_SECONDS = 0.1
# So that some are found in the few records of a test.
ALERT_PROBABILITY = 0.03
SNAPSHOT_RECORDS = 300
POLL_RECORDS = 100
SWITCH_SECONDS = 1.0


class Rig:
    def __init__(
        self,
        bootstrap: str,
        database: str,
        nursery: Nursery,
        folder: Path,
        limits: Mapping[str, float],
        registry: Registry | None = None,
        **addresses: str,
    ) -> None:
        self.bootstrap = bootstrap
        self.database = database
        self.tenant = f"t{uuid4().hex[:10]}"
        self.topic = topic("records", self.tenant)
        self.group = f"detection-{self.tenant}"
        self.folder = folder / self.tenant
        self.folder.mkdir()
        self.workers: list[Worker] = []
        self.generators: list[Generator] = []
        self.models = {} if registry is None else dict(registry.models)
        self.promoted: list[Version] = [None]
        self._nursery = nursery
        self._progress = topics.Progress(bootstrap)
        self._replayed: tuple[Any, Told] | None = None
        self._addresses = addresses if registry is None else registry.addresses | addresses
        self._switching: asyncio.Task[None] | None = None
        if registry is not None:
            shutil.copytree(registry.keys, self.folder / "data" / "keys")
        told: dict[str, Any] = {"publish_scores": True, "alert_probability": ALERT_PROBABILITY, **limits}
        settings = StreamSettings(**told)
        self.rule = StreamRule(self.tenant, STREAM, self.topic, SCHEMA, settings, revision=1)

    async def open(self, partitions: int = 3) -> "Rig":
        wanted = {
            self.topic: partitions,
            topic("anomalies", self.tenant): 2,
            topic("scores", self.tenant): 1,
            topic("rejected", self.tenant): 1,
        }
        await topics.create(self.bootstrap, wanted)
        event = StreamChanged(
            tenant=self.tenant,
            stream=STREAM,
            revision=1,
            deleted=False,
            topic=self.topic,
            schema_json=SCHEMA.to_json(),
            settings_json=msgspec.json.encode(self.rule.settings).decode(),
            changed_time_ms=0,
        )
        await self._publish(topic("streams"), event)
        if self.models:
            self._switching = asyncio.create_task(self._switch())
        return self

    async def _switch(self) -> None:
        """Promotes and rolls back all the time; one that the broker did not take was perhaps stored."""
        for version in cycle(CYCLE):
            try:
                async with asyncio.timeout(SETTLE_SECONDS):
                    await self.promote(version)
            except (KafkaError, OSError) as error:
                print(f"promoting {version} failed: {error!r}")
            await asyncio.sleep(SWITCH_SECONDS)

    async def promote(self, version: Version) -> None:
        """From some offset on, each partition is scored by this version; None is the streaming detector."""
        self.promoted.append(version)
        name, number = (None, None) if version is None else named(version)
        shadow, shadow_version = named(SHADOW)
        challenger = ChallengerVersion(model=shadow, version=shadow_version, artifact_sha256="")
        event = DeploymentChanged(
            tenant=self.tenant,
            stream=STREAM,
            revision=len(self.promoted),
            model=name,
            version=number,
            changed_by="test",
            changed_time_ms=0,
            challengers=[challenger] if version in SHADOWED else [],
        )
        await self._publish(topic("deployments"), event)

    async def _publish(self, name: str, event: Any) -> None:
        key = f"{self.tenant}/{STREAM}".encode()
        await topics.send(self.bootstrap, name, [CODEC.encode(event)], key=key)

    def work(self, **faults: Any) -> Worker:
        number = len(self.workers)
        told = Faults(tenant=self.tenant, tally=str(self._tally(number)), **faults)
        environment = {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "DATABASE_URL": self.database,
            "REDIS_URL": "",
            "AUTH_URL": NOBODY,
            "MODEL_REGISTRY_URL": NOBODY,
            "API_PORT": "0",
            "METRICS_PORT": "0",
            "ANOMALY_DETECTION_DATA_DIR": str(self.folder / "data"),
            "DETECTION_GROUP": self.group,
            "DETECTION_SNAPSHOT_EVERY_RECORDS": str(SNAPSHOT_RECORDS),
            "DETECTION_MAX_POLL_RECORDS": str(POLL_RECORDS),
            VARIABLE: msgspec.json.encode(told).decode(),
        }
        log = self.folder / f"worker-{number}.log"
        self.workers.append(Worker(self._nursery, environment | self._addresses, log))
        return self.workers[-1]

    def _tally(self, number: int) -> Path:
        return self.folder / f"worker-{number}.tally"

    def handled_again(self) -> list[str]:
        """Batches that a worker was handed although some of their records had been handed out before."""
        reached: dict[int, int] = {}
        again = []
        for number in range(len(self.workers)):
            for line in self._tally(number).read_text().splitlines():
                partition, first, after = map(int, line.split())
                if first < reached.get(partition, 0):
                    again.append(f"worker {number}: {line}")
                reached[partition] = max(after, reached.get(partition, 0))
        return again

    def generate(self, **changes: Any) -> Generator:
        number = len(self.generators)
        traffic = Traffic(
            bootstrap=self.bootstrap,
            topic=self.topic,
            stream=STREAM,
            ledger=str(self._ledger(number)),
            source=f"g{number}",
            **changes,
        )
        log = self.folder / f"generator-{number}.log"
        self.generators.append(Generator(self._nursery, msgspec.to_builtins(traffic), log))
        return self.generators[-1]

    def _ledger(self, number: int) -> Path:
        return self.folder / f"ledger-{number}"

    async def committed(self) -> int:
        return sum((await self._progress.committed(self.group, self.topic)).values())

    async def until_committed(self, records: int, seconds: float = SETTLE_SECONDS) -> None:
        """Until so many records of the topic are finished."""
        deadline = time.monotonic() + seconds
        while (found := await self.committed()) < records:
            assert time.monotonic() < deadline, f"{found} of {records} are finished after {seconds:g} s"
            self._require_a_living_worker()
            await asyncio.sleep(LOOK_SECONDS)

    async def until_more(self, records: int, seconds: float = SETTLE_SECONDS) -> None:
        await self.until_committed(await self.committed() + records, seconds)

    def _require_a_living_worker(self) -> None:
        assert any(worker.code is None for worker in self.workers), (
            f"no worker lives: {self.workers[-1].tail()}"
        )

    async def quiet(self) -> None:
        """Nothing is promoted any more; the generators stop, and their last sends are acknowledged."""
        if self._switching is not None:
            self._switching.cancel()
            await asyncio.wait([self._switching])
        for generator in self.generators:
            generator.send(signal.SIGTERM)
        for generator in self.generators:
            assert await generator.ended(60) == 0, generator.tail()

    async def audit(self, patience_seconds: float = PATIENCE_SECONDS) -> Audit:
        """After all that was sent is finished, or the time for it is over: what is missing then is missing."""
        await self.quiet()
        await self._settle()
        deadline = time.monotonic() + patience_seconds
        records = await topics.read(self.bootstrap, self.topic)
        while True:
            found = await read_outputs(self.bootstrap, self.database, self.tenant)
            result = self._compare(records, found)
            print(result)
            # Anomalies are stored a little later, and after a crash an open transaction hides what follows it.
            if not result.count("missing") or time.monotonic() > deadline:
                return result
            await asyncio.sleep(0.5)

    async def until_finished(self) -> None:
        """Until all that was sent is committed in each partition."""
        behind = await self._settle()
        assert not behind, f"these partitions do not go on: {behind}; {self.workers[-1].tail()}"

    async def _settle(self) -> dict[int, int]:
        """After all that was sent is finished, or the time for it is over: how many records wait, by partition."""
        ends, deadline = await topics.ends(self.bootstrap, self.topic), time.monotonic() + SETTLE_SECONDS
        while True:
            done = await self._progress.committed(self.group, self.topic)
            behind = {
                partition: end - at for partition, end in ends.items() if (at := done.get(partition, 0)) < end
            }
            if not behind or time.monotonic() > deadline:
                return behind
            await asyncio.sleep(LOOK_SECONDS)

    def _compare(self, records: dict[int, list[Any]], found: Told) -> Audit:
        switches = switches_told(found.scores)
        if self._replayed is None or self._replayed[0] != switches:
            self._replayed = (switches, replay(self.rule, records, switches, self.models))
        ledgers = map(self._ledger, range(len(self.generators)))
        ledger = [entry for path in ledgers for entry in read_ledger(path)]
        expected = self._replayed[1]
        there = {item.id for item in found.shadow}
        # Nothing waits for a challenger, so a new worker may leave out the first records; no other is wrong.
        expected = expected._replace(shadow=[item for item in expected.shadow if item.id in there])
        return audit(ledger, _stamps(records), expected, found, switches, self.promoted)

    async def close(self) -> None:
        if self._switching is not None:
            self._switching.cancel()
        for process in (*self.generators, *self.workers):
            await process.kill()
        await self._progress.close()


def _stamps(records: Mapping[int, Sequence[Any]]) -> dict[int, list[tuple[int, str, int]]]:
    """Offset, source and sequence of every record that bears a stamp; poison bears none."""
    found: dict[int, list[tuple[int, str, int]]] = {}
    for partition, part in records.items():
        found[partition] = []
        for record in part:
            try:
                stamp = msgspec.json.decode(record.value or b"", type=_Stamp)
            except (msgspec.MsgspecError, RecursionError):
                continue
            found[partition].append((record.offset, stamp.source, stamp.sequence))
    return found


class _Stamp(msgspec.Struct):
    source: str
    sequence: int
