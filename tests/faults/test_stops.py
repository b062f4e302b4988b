"""Workers that are told to stop, that freeze, and that come and go."""

import asyncio
import signal
import time

import pytest

from tests.faults.conftest import RUNS, NewRig
from tests.faults.points import POINTS

pytestmark = pytest.mark.timeout(120 + 60 * RUNS)
DRAIN_SECONDS = 10.0
SHORT_SECONDS, LONG_SECONDS = 6.0, 120.0
TIDE_SECONDS = 2.0
IN_TRANSACTION = ("before_commit", "after_send")
FREEZING = (*IN_TRANSACTION, *(point for point in POINTS if point not in IN_TRANSACTION))


@pytest.mark.parametrize("run", range(RUNS))
async def test_told_to_stop_under_load_a_worker_drains_in_time_and_nothing_is_scored_again(
    new_rig: NewRig, run: int
) -> None:
    rig = await new_rig()
    rig.generate(seed=run, rate=1_000)
    for _ in range(2):
        worker = rig.work()
        await rig.until_more(500)
        told = time.monotonic()
        worker.send(signal.SIGTERM)
        assert await worker.ended(DRAIN_SECONDS) == 0, worker.tail()
        assert time.monotonic() - told < DRAIN_SECONDS
    rig.work()
    audit = await rig.audit()
    assert audit.clean, str(audit)
    assert rig.handled_again() == []


@pytest.mark.parametrize("run", range(RUNS))
async def test_a_worker_frozen_for_longer_than_its_session_has_no_effect_when_it_wakes(
    new_rig: NewRig, run: int
) -> None:
    rig = await new_rig()
    rig.generate(seed=run, rate=1_000)
    point = FREEZING[run % len(FREEZING)]
    frozen = rig.work(point=point, passes=10 + run, signal=int(signal.SIGSTOP))
    await frozen.stopped(60)
    rig.work()
    await rig.until_more(1_000)
    frozen.send(signal.SIGCONT)
    await rig.until_more(1_000)
    assert frozen.code is None, frozen.tail()
    audit = await rig.audit()
    assert audit.clean, str(audit)
    if point in IN_TRANSACTION:
        assert "has another owner" in frozen.log(), frozen.tail()


@pytest.mark.parametrize("run", range(RUNS))
async def test_while_workers_join_and_leave_every_second_nothing_is_lost_and_nothing_comes_twice(
    new_rig: NewRig, run: int
) -> None:
    """Two at a time, for a few seconds; for two minutes in the second run."""
    rig = await new_rig(partitions=4)
    rig.generate(seed=run, rate=200 if run == 1 else 500)
    rig.work()
    await rig.until_more(100)
    ends = time.monotonic() + (LONG_SECONDS if run == 1 else SHORT_SECONDS)
    while time.monotonic() < ends:
        polite, abrupt = rig.work(), rig.work()
        await asyncio.sleep(TIDE_SECONDS)
        polite.send(signal.SIGTERM)
        await abrupt.kill()
        assert await polite.ended() == 0, polite.tail()
    await rig.until_more(100)
    audit = await rig.audit()
    assert audit.clean, str(audit)
