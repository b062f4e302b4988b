"""Thousands of clients of the live feed at one gateway: how long until the last has an anomaly, and what each costs."""

import asyncio
import sys
import time
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ad_chassis.eventlog.port import Message
from ad_contracts.codec import codec_for
from benchmarks.edge.bench import Bench, Edge
from benchmarks.engine.figures import Measured, Section, at_most, percentile
from benchmarks.engine.process import cpu_seconds, memory
from tests.support.anomalies import anomaly

CLIENTS, QUICK_CLIENTS = 5_000, 1_000
ANOMALIES, BURST = 20, 20
OPEN_SECONDS, SHOW_SECONDS, REST_SECONDS = 300, 60, 10
TOPIC = "anomalies.default"


class Listeners:
    """The process of the clients."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def line(self, seconds: float) -> list[str]:
        assert self._process.stdout is not None
        async with asyncio.timeout(seconds):
            return (await self._process.stdout.readline()).decode().split()

    async def connect(self, tokens: list[str]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n".join(tokens).encode())
        self._process.stdin.close()
        assert await self.line(OPEN_SECONDS) == ["open"]


@asynccontextmanager
async def listeners(port: int) -> AsyncIterator[Listeners]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.edge.listeners", str(port), stdin=PIPE, stdout=PIPE
    )
    try:
        yield Listeners(process)
    finally:
        process.kill()
        await process.wait()


async def show(edge: Edge, clients: Listeners, count: int) -> tuple[float, float]:
    """Seconds from before the append until the median and the last client had the last of some anomalies."""
    codec, ids = codec_for(None), [str(uuid.uuid4()) for _ in range(count)]
    begun = time.monotonic_ns()
    await edge.log.publish([Message(TOPIC, codec.encode(anomaly(id=each)), b"sensors") for each in ids])
    found: dict[str, list[int]] = {}
    while len(found) < count:
        name, *times = await clients.line(SHOW_SECONDS)
        found[name] = [int(each) for each in times]
    assert set(found) == set(ids)
    median, last = (max(times[which] for times in found.values()) for which in (0, 1))
    return (median - begun) / 1e9, (last - begun) / 1e9


async def measure(bench: Bench) -> Section:
    edge, count = await bench.edge(), bench.sized(CLIENTS, QUICK_CLIENTS)
    tokens = [
        edge.auth.token(subject=f"client-{number}", lifetime_seconds=3600) for number in range(count + 1)
    ]
    async with listeners(edge.port) as first:
        # Whatever is loaded with the first client is no cost of the others.
        await first.connect(tokens[:1])
        await show(edge, first, 1)
    before, begun = memory(edge.pid).resident, time.monotonic()
    async with listeners(edge.port) as clients:
        await clients.connect(tokens[1:])
        opened = time.monotonic() - begun
        figures = await _shown(edge, clients, count)
        each = (memory(edge.pid).resident - before) / count / 1024
        idle = await _idle_cores(edge.pid)
    return Section(
        [
            *figures,
            at_most("memory of a client", each, "KB", must=50, aim=25),
            at_most(f"{count:,} idle clients, each with a token of its own", idle, "cores"),
            at_most(f"{count:,} clients connect", opened, "s"),
        ]
    )


async def _shown(edge: Edge, clients: Listeners, count: int) -> list[Measured]:
    cpu, medians, lasts = cpu_seconds(edge.pid), list[float](), list[float]()
    for _ in range(ANOMALIES):
        median, last = await show(edge, clients, 1)
        medians.append(median)
        lasts.append(last)
    cost = (cpu_seconds(edge.pid) - cpu) / ANOMALIES / count * 1e6
    _, burst = await show(edge, clients, BURST)
    return [
        at_most("an anomaly to the last client, median", percentile(lasts, 0.5), "s", must=1, aim=0.5),
        at_most("an anomaly to the last client, worst", max(lasts), "s", must=1, aim=0.5),
        at_most("an anomaly to the median client, median", percentile(medians, 0.5), "s"),
        at_most("a message to a client", cost, "us CPU"),
        at_most(f"{BURST} anomalies at once to the last client", burst, "s"),
    ]


async def _idle_cores(pid: int) -> float:
    cpu, begun = cpu_seconds(pid), time.monotonic()
    await asyncio.sleep(REST_SECONDS)
    return (cpu_seconds(pid) - cpu) / (time.monotonic() - begun)
