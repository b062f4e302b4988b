"""What a worker stands on gives way: the cache, the disk of its snapshots, the clock."""

import asyncio
import signal
from collections.abc import Sequence

import httpx2
import pytest

from ad_contracts.events import RecordRejected
from ad_contracts.topics import topic
from ad_detection.domain.state import from_bytes
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
    worker.limit_files(-1)
    assert_snapshots_are_whole(rig)
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
    found = list((rig.folder / "data" / "objects").rglob("*.npz"))
    assert found
    for path in found:
        from_bytes(path.read_bytes())


@pytest.mark.parametrize("run", range(RUNS))
async def test_clocks_that_jump_an_hour_forth_and_back_change_no_score(new_rig: NewRig, run: int) -> None:
    rig = await new_rig()
    rig.generate(seed=run, rate=500, clock_jumps=True)
    worker = rig.work()
    for _ in range(3):
        await rig.until_more(200)
        worker.send(signal.SIGUSR1)
        await topics.send(rig.bootstrap, rig.topic, [b"broken"], headers=[("ce_source", STREAM.encode())])
    await rig.until_more(300)
    audit = await rig.audit()
    assert audit.clean, f"{audit}\n{worker.tail()}"
    stored = await topics.read(rig.bootstrap, rig.topic)
    told = await topics.read(rig.bootstrap, topic("rejected", rig.tenant))
    assert span([record.timestamp for part in stored.values() for record in part]) > HOUR_MS
    assert span([rejected_ms(record.value) for part in told.values() for record in part]) > HOUR_MS


def span(times_ms: Sequence[int]) -> int:
    return max(times_ms) - min(times_ms)


def rejected_ms(value: bytes) -> int:
    event = CODEC.decode(value)
    assert isinstance(event, RecordRejected)
    return event.rejected_time_ms
