"""From a record that is sent to its anomaly seen by a `read_committed` consumer, at 20,000 records a second."""

import asyncio
import math
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.engine import progress
from benchmarks.engine.bench import Bench
from benchmarks.engine.figures import Measured, Section, at_least, at_most, percentile
from benchmarks.engine.process import waiting_seconds
from benchmarks.engine.progress import Sample
from benchmarks.engine.records import Target, as_json, in_turn, values
from benchmarks.engine.rig import Rig, Work

ROOT = Path(__file__).parents[2]
RECORDS_PER_SECOND = 20_000
FEATURES = 10
WARM = 60_000
GRACE_SECONDS = 5.0
MUST_MS = {"exactly_once": {0.5: 30, 0.99: 150}, "at_least_once": {0.5: 10, 0.99: 50}}
Place = tuple[int, int]


async def measure(bench: Bench) -> Section:
    found = [figure for delivery in MUST_MS for figure in await _measure(bench, delivery)]
    return Section(found)


async def _measure(bench: Bench, delivery: str) -> list[Measured]:
    rig = await bench.rig()
    seconds = bench.sized(20, 5)
    async with rig.streams("latency", features=FEATURES, forest=True) as target:
        warm = in_turn(target, as_json(values(WARM, FEATURES)), WARM)
        await rig.work(Work(target, WARM), warm, DETECTION_DELIVERY=delivery)
        scorer = rig.system.scorer
        before, waited = await _look(rig, target), waiting_seconds(rig.system.pid(scorer))
        async with _watching(bench.kafka, target.streams[0]) as seen:
            sent, rate = await _send(bench.kafka, target, seconds)
            await _until_seen(sent, seen)
        after = await _look(rig, target)
        waited = (waiting_seconds(rig.system.pid(scorer)) - waited) / (after.at - before.at)
        limit = f"{_batch(before, after)}; its threads waited for {waited:.2f} cores"
    return figures(delivery, sent, seen, rate, limit)


def figures(
    delivery: str, sent: Mapping[Place, int], seen: Mapping[Place, int], rate: float, limit: str
) -> list[Measured]:
    """Of the anomalies that were sent on purpose; those that never came count as infinitely late."""
    late = [(seen[place] - at) / 1e6 if place in seen else math.inf for place, at in sent.items()]
    name = delivery.replace("_", " ")
    return [
        *(
            at_most(
                f"event to anomaly, {name}, p{100 * share:g}",
                percentile(late, share),
                "ms",
                must,
                must / 2,
                limit,
            )
            for share, must in MUST_MS[delivery].items()
        ),
        at_most(f"… never seen, of {len(sent)}", sum(map(math.isinf, late)), "", 0),
        at_least("… sent meanwhile", rate, "/s", 0.95 * RECORDS_PER_SECOND),
    ]


@asynccontextmanager
async def _watching(servers: str, stream: str) -> AsyncIterator[dict[Place, int]]:
    """What the consumer saw, by partition and offset of the record; grows while the block runs."""
    seen: dict[Place, int] = {}
    process = await _start("watcher", servers, stream)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    reading = asyncio.create_task(_collect(process.stdout, seen))
    try:
        yield seen
    finally:
        process.terminate()
        await process.wait()
        await reading


async def _collect(lines: asyncio.StreamReader, seen: dict[Place, int]) -> None:
    async for line in lines:
        partition, offset, at = map(int, line.split())
        seen.setdefault((partition, offset), at)


async def _send(servers: str, target: Target, seconds: float) -> tuple[dict[Place, int], float]:
    process = await _start(
        "sender",
        servers,
        target.topic,
        str(target.partitions),
        target.streams[0],
        str(RECORDS_PER_SECOND),
        str(seconds),
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, "the sender failed"
    *lines, rate = said.decode().splitlines()
    places = (tuple(map(int, line.split())) for line in lines)
    return {(partition, offset): at for partition, offset, at in places}, float(rate)


async def _start(module: str, *arguments: str) -> Process:
    command = (sys.executable, "-m", f"benchmarks.engine.{module}", *arguments)
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, cwd=ROOT)


async def _until_seen(sent: Mapping[Place, int], seen: Mapping[Place, int]) -> None:
    for _ in range(round(GRACE_SECONDS / 0.1)):
        if sent.keys() <= seen.keys():
            return
        await asyncio.sleep(0.1)


async def _look(rig: Rig, target: Target) -> Sample:
    """With the number of batches beside the seconds of their steps."""
    text = await rig.metrics(rig.system.scorer)
    found = await rig.look(target, [rig.system.scorer])
    batches = progress.total(text, "anomaly_detection_batches_total", topic=target.topic)
    return replace(found, steps={**found.steps, "batches": batches})


def _batch(before: Sample, after: Sample) -> str:
    """How many records a batch had on average, and how long it took; how busy the worker was."""
    grown = {name: value - before.steps.get(name, 0.0) for name, value in after.steps.items()}
    batches = max(grown["batches"], 1.0)
    times = ", ".join(
        f"{step} {1000 * grown.get(step, 0.0) / batches:.1f} ms" for step in ("handle", "commit")
    )
    records, cores = (after.messages - before.messages) / batches, progress.rates([before, after]).cores
    return f"a batch of {records:.0f}: {times}; {cores:.2f} cores busy"
