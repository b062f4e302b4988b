"""What a worker stands on gives way: the cache, the disk of its snapshots, the clock."""

import asyncio
import signal
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest

from ad_contracts.events import RecordRejected
from ad_contracts.topics import topic
from ad_detection.domain.snapshots import Rebuilding, manifest_from_bytes
from tests.faults import topics
from tests.faults.conftest import RUNS, NewRig
from tests.faults.outputs import CODEC
from tests.faults.processes import Worker
from tests.faults.records import STREAM
from tests.faults.rig import Rig
from tests.faults.servers import Breakable

pytestmark = pytest.mark.timeout(120 + 60 * RUNS)
TOO_SMALL_BYTES = 4_096
HOUR_MS = 3_600_000


@pytest.mark.parametrize("run", range(RUNS))
async def test_redis_is_killed_and_comes_back_empty_and_nobody_waits_for_it(
    new_rig: NewRig, redis: Breakable, run: int
) -> None:
    rig = await new_rig(REDIS_URL=redis.url)
    rig.generate(seed=run, rate=500)
    worker = rig.work()
    await rig.until_more(300)
    await asyncio.to_thread(redis.end, signal.SIGKILL)
    await rig.until_more(500)
    await asyncio.to_thread(redis.start)
    await rig.until_more(300)
    audit = await rig.audit()
    assert audit.clean, f"{audit}\n{worker.tail()}"
    assert worker.code is None, worker.tail()


@pytest.mark.parametrize("run", range(RUNS))
async def test_a_disk_that_takes_no_snapshot_is_told_loudly_and_leaves_nothing_half_written(
    new_rig: NewRig, run: int
) -> None:
    rig = await new_rig()
    rig.generate(seed=run, rate=500)
    worker = rig.work()
    await rig.until_more(500)
    worker.limit_files(TOO_SMALL_BYTES)
    reason = await until_unwell(worker)
    assert "failed" in reason, reason
    assert_snapshots_are_whole(rig)
    worker.limit_files(-1)
    await rig.until_more(500)
    audit = await rig.audit()
    assert audit.clean, f"{audit}\n{worker.tail()}"
    assert worker.code is None, worker.tail()


async def until_unwell(worker: Worker) -> str:
    """What its health says once it says that it is not well."""
    async with httpx2.AsyncClient(base_url=await worker.url()) as http, asyncio.timeout(60):
        while (answer := await http.get("/health/ready")).status_code == 200:
            await asyncio.sleep(0.1)
        return str(answer.text)


def assert_snapshots_are_whole(rig: Rig) -> None:
    """Every one that has a manifest: that is written last, and when it is deleted, so are its parts."""
    objects = rig.folder / "data" / "objects"
    found = [path for path in objects.rglob("*.json") if not path.name.endswith(".switch.json")]
    whole = 0
    for path in found:
        try:
            manifest = manifest_from_bytes(path.read_bytes())
            rebuilding = Rebuilding(manifest)
            for part in (part for link in manifest.chain for part in link):
                rebuilding.add((objects / part.key).read_bytes())
        except FileNotFoundError:
            assert not path.exists(), f"{path} names what is not there"
            continue  # another one took its place meanwhile
        whole += 1
    assert whole


@pytest.mark.parametrize("run", range(RUNS))
async def test_clocks_that_jump_an_hour_forth_and_back_change_no_score(new_rig: NewRig, run: int) -> None:
    rig = await new_rig()
    rig.generate(seed=run, rate=500, clock_jumps=True)
    worker = rig.work()
    for broken in range(1, 4):
        await rig.until_more(200)
        worker.send(signal.SIGUSR1)
        await topics.send(rig.bootstrap, rig.topic, [b"broken"], headers=[("ce_source", STREAM.encode())])
        # Before the clock jumps again.
        async with asyncio.timeout(60):
            while len(await told_of(rig, "rejected")) < broken:
                await asyncio.sleep(0.1)
    await rig.until_more(300)
    audit = await rig.audit()
    assert audit.clean, f"{audit}\n{worker.tail()}"
    stored = await topics.read(rig.bootstrap, rig.topic)
    told = await topics.read(rig.bootstrap, topic("rejected", rig.tenant))
    assert span([record.timestamp for part in stored.values() for record in part]) > HOUR_MS
    assert span([rejected_ms(record.value) for part in told.values() for record in part]) > HOUR_MS


@pytest.mark.parametrize("run", range(RUNS))
async def test_late_records_and_silence_are_told_as_without_a_kill_and_a_clock_that_jumps(
    new_rig: NewRig, run: int
) -> None:
    rig = await new_rig(limits={"allowed_lateness_seconds": 3, "silence_seconds": 20})
    rig.generate(seed=run, rate=500, untidy_share=0.1, clock_jumps=True)
    for _ in range(3):
        worker = rig.work()
        await rig.until_more(300)
        worker.send(signal.SIGUSR1)
        await rig.until_more(200)
        worker.send(signal.SIGKILL)
    worker = rig.work()
    await rig.until_more(300)
    audit = await rig.audit()
    assert audit.clean, f"{audit}\n{worker.tail()}"
    assert {found.kind for found in await told_of(rig, "anomalies")} == {"record", "silence"}
    assert {" s late, " in found.reason for found in await told_of(rig, "rejected")} == {True}


async def told_of(rig: Rig, name: str) -> list[Any]:
    stored = await topics.read(rig.bootstrap, topic(name, rig.tenant))
    return [CODEC.decode(record.value) for part in stored.values() for record in part]


def span(times_ms: Sequence[int]) -> int:
    return max(times_ms) - min(times_ms)


def rejected_ms(value: bytes) -> int:
    event = CODEC.decode(value)
    assert isinstance(event, RecordRejected)
    return event.rejected_time_ms
