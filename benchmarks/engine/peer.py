"""What others do today: a stream processor in Python that asks a library about each record."""

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE
from pathlib import Path

import numpy as np

from benchmarks.engine.bench import Bench
from benchmarks.engine.figures import Measured, Section, at_least
from benchmarks.engine.peer_environment import NotInstalled, python_of_peer
from benchmarks.engine.process import cpu_seconds
from benchmarks.engine.progress import Sample, rates
from benchmarks.engine.records import as_json, in_turn, values
from benchmarks.engine.rig import TRAINING_ROWS

FEATURES = 10
WARM = 200
START_SECONDS = 90
AGENT = Path(__file__).with_name("faust_agent.py")
NAME = "Faust agent, PyOD per record"


async def measure(bench: Bench) -> Section:
    """Leaves what it measured where the others find it."""
    try:
        python = python_of_peer()
    except NotInstalled as error:
        return Section([Measured(NAME, float("nan"), "/CPU s", limit=f"not measured: {error}")])
    rig = await bench.rig()
    count = bench.sized(4_000, 1_000)
    async with rig.streams("peer", features=FEATURES) as target:
        rig.system.leave(rig.system.scorer)
        await rig.publish(in_turn(target, as_json(values(count, FEATURES)), count))
        samples = await _watch(python, bench, target.topic, count)
    found = rates(samples)
    bench.peer = found.per_cpu_second if samples else None
    limit = f"{found.cores:.2f} cores busy; a call of the library for each record"
    return Section(
        [
            at_least(NAME, found.per_cpu_second, "/CPU s", limit=limit),
            at_least(f"{NAME}, by the clock", found.per_second, "/s"),
        ]
    )


async def _watch(python: Path, bench: Bench, topic: str, count: int) -> list[Sample]:
    """The agent says how far it is; its CPU seconds are read as those of our worker are."""
    folder = bench.folder()
    np.save(folder / "rows.npy", values(TRAINING_ROWS, FEATURES, seed=1))
    arguments = (str(AGENT), bench.kafka, topic, str(folder / "rows.npy"), str(folder))
    one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with (folder / "errors.log").open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            str(python), *arguments, stdout=PIPE, stderr=errors, env=one_thread, cwd=folder
        )
    samples: list[Sample] = []
    try:
        async with asyncio.timeout(START_SECONDS):
            await _read(process, samples, count, bench.sized(20, 8))
    except TimeoutError:
        print(f"the peer stopped short: {(folder / 'errors.log').read_text()[-2000:]}", file=sys.stderr)
    finally:
        process.kill()
        await process.wait()
    return samples


async def _read(
    process: asyncio.subprocess.Process, samples: list[Sample], count: int, seconds: float
) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if line.strip().isdigit() and (done := int(line)) >= WARM:
            samples.append(Sample(time.monotonic(), done, cpu_seconds(process.pid)))
            if done >= count or samples[-1].at - samples[0].at >= seconds:
                return
