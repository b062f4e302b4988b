"""From the call that promotes a model to its being in force on the last partition, at 20,000 records a second."""

import asyncio
import sys
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient

from ad_detection.domain.bookmark import Bookmark
from ad_detectors.artifact import save_bytes
from ad_detectors.artifact.keyring import KeyRing
from ad_detectors.model import Model
from benchmarks.engine.bench import Bench
from benchmarks.engine.figures import Section, at_most, percentile
from benchmarks.engine.records import Target, as_json, in_turn, names, values
from benchmarks.engine.rig import CONTAMINATION, TRAINING_ROWS, Rig, Work

ROOT = Path(__file__).parents[2]
GROUP = "detection"
RECORDS_PER_SECOND = 20_000
FEATURES = 10
WARM = 60_000
PAUSE_SECONDS = 1.0
MOST_SECONDS = 60.0
LOOK_SECONDS = 0.005
MUST_SECONDS, AIM_SECONDS = 5.0, 1.0
# A snapshot takes the place of the switches before it, so none may come while they are counted.
WITHOUT_SNAPSHOTS = {"DETECTION_SNAPSHOT_EVERY_RECORDS": "1000000000"}
Switches = dict[int, int]
"""By partition, how many are recorded."""


async def measure(bench: Bench) -> Section:
    rig, promotes = await bench.rig(), bench.sized(12, 4)
    async with rig.streams("switch", features=FEATURES, forest=True) as target:
        warm = in_turn(target, as_json(values(WARM, FEATURES)), WARM)
        await rig.work(Work(target, WARM), warm, **WITHOUT_SNAPSHOTS)
        model = await _second_version(rig)
        async with _load(bench.kafka, target), _admin(bench.kafka) as admin:
            # The first one finds the model not yet fetched, as the first one always does.
            times = [await _promote(rig, admin, target, model, 2 - number % 2) for number in range(promotes)]
    spread = f"{promotes} promotes, {target.partitions} partitions; the first took {times[0]:.2f} s"
    worst = at_most("… the slowest", max(times), "s", MUST_SECONDS, AIM_SECONDS)
    middle = percentile(times, 0.5)
    return Section(
        [at_most("promote to the last partition, p50", middle, "s", MUST_SECONDS, AIM_SECONDS, spread), worst]
    )


async def _second_version(rig: Rig) -> str:
    """Another forest under the name of the one that is the champion."""
    name = await rig.model(FEATURES)
    rows = values(TRAINING_ROWS, FEATURES, seed=3)
    model = Model.train("isolation_forest", rows, names(FEATURES), contamination=CONTAMINATION)
    data = save_bytes(model, KeyRing(rig.system.folder / "keys").signing())
    headers = {"Content-Type": "application/zip"}
    await rig.client.call("POST", f"/models/{name}/versions", content=data, headers=headers)
    return name


async def _promote(rig: Rig, admin: Any, target: Target, model: str, version: int) -> float:
    """Seconds until the offset of the switch is committed on every partition."""
    await asyncio.sleep(PAUSE_SECONDS)
    before = await _recorded(admin, target)
    begun = time.monotonic()
    body = {"stream": target.streams[0], "version": version}
    await rig.client.call("POST", f"/models/{model}/promote", json=body)
    async with asyncio.timeout(MOST_SECONDS):
        while not _more(await _recorded(admin, target), before):
            await asyncio.sleep(LOOK_SECONDS)
    return time.monotonic() - begun


def _more(now: Switches, before: Switches) -> bool:
    return all(count > before[partition] for partition, count in now.items())


async def _recorded(admin: Any, target: Target) -> Switches:
    asked = [KafkaPartition(target.topic, partition) for partition in range(target.partitions)]
    found = await admin.list_consumer_group_offsets(GROUP, partitions=asked)
    bookmarks = {source.partition: Bookmark.decode(note.metadata) for source, note in found.items()}
    return {partition: len(mark.switches) if mark else 0 for partition, mark in bookmarks.items()}


@asynccontextmanager
async def _load(servers: str, target: Target) -> AsyncIterator[None]:
    """Records that come evenly while the block runs."""
    arguments = (servers, target.topic, target.partitions, target.streams[0], RECORDS_PER_SECOND, 3_600)
    command = (sys.executable, "-m", "benchmarks.engine.sender", *map(str, arguments))
    process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, cwd=ROOT)
    try:
        yield
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def _admin(servers: str) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
