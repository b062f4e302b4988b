"""A worker is killed with -9 and another started at once: how long until the next score."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from aiokafka.admin import AIOKafkaAdminClient

from benchmarks.engine import progress
from benchmarks.engine.bench import Bench
from benchmarks.engine.figures import Section, at_most
from benchmarks.engine.records import Target, of_entities
from benchmarks.engine.rig import Rig, Work

ENTITIES = 10_000
LEARNT = 150_000
MUST_SECONDS, AIM_SECONDS = 5.0, 1.0
LOOK_SECONDS = 0.02
MOST_SECONDS = 60
GROUP = "detection"


@dataclass(frozen=True)
class Recovery:
    """Seconds from the kill: until the dead member is put out of its group, the new worker is ready, has scored its
    first record, and all that were waiting."""

    expired: float
    ready: float
    first: float
    last: float


async def measure(bench: Bench) -> Section:
    rig = await bench.rig()
    async with rig.streams("recovery", features=1, entity=True) as target:
        await rig.work(Work(target, LEARNT), of_entities(target, ENTITIES, LEARNT))
        async with _group(bench.kafka) as members:
            runs = [await _kill(rig, target, members) for _ in range(bench.sized(3, 1))]
    worst = max(runs, key=lambda run: run.first - run.expired)
    times = f"after the kill: {worst.expired:.1f} s expired, {worst.ready:.1f} s ready, {worst.first:.1f} s a score"
    return Section(
        [
            at_most(
                "kill -9, from the session's end to a score",
                worst.first - worst.expired,
                "s",
                MUST_SECONDS,
                AIM_SECONDS,
                times,
            ),
            at_most("… from the new worker's being ready", worst.first - worst.ready, "s"),
            at_most("… until all entities were scored", worst.last - worst.expired, "s"),
        ]
    )


async def _kill(rig: Rig, target: Target, members: "Members") -> Recovery:
    """Each entity has one more record when its worker is dead."""
    scorer = rig.system.scorer
    dead = await members.names()
    rig.system.kill(scorer)
    killed = time.monotonic()
    rig.system.launch(scorer)
    await rig.publish(of_entities(target, ENTITIES, ENTITIES))
    ready, expired, (first, last) = await asyncio.gather(
        _ready(rig), _until_gone(members, dead), _scored(rig, target)
    )
    return Recovery(expired - killed, ready - killed, first - killed, last - killed)


async def _ready(rig: Rig) -> float:
    await rig.system.ready()
    return time.monotonic()


async def _scored(rig: Rig, target: Target) -> tuple[float, float]:
    """When the first and when the last of the waiting records was scored."""
    first: float | None = None
    async with asyncio.timeout(MOST_SECONDS):
        while True:
            count = await _count(rig, target)
            first = first or (time.monotonic() if count else None)
            if first and count >= ENTITIES:
                return first, time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)


async def _count(rig: Rig, target: Target) -> float:
    try:
        text = await rig.metrics(rig.system.scorer)
    except httpx2.TransportError:
        return 0.0
    return progress.total(text, progress.SCORED, dataset=target.streams[0])


class Members:
    """Who belongs to the workers' group, as its coordinator sees it."""

    def __init__(self, admin: Any) -> None:
        self._admin = admin

    async def names(self) -> set[str]:
        [answer] = await self._admin.describe_consumer_groups([GROUP])
        return {member[0] for group in answer.groups for member in group[5]}


@asynccontextmanager
async def _group(servers: str) -> AsyncIterator[Members]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        yield Members(admin)
    finally:
        await admin.close()


async def _until_gone(members: Members, dead: set[str]) -> float:
    async with asyncio.timeout(MOST_SECONDS):
        while dead & await members.names():
            await asyncio.sleep(LOOK_SECONDS)
    return time.monotonic()
