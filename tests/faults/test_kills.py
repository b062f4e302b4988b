"""A worker that is killed with -9, at the points of its way with a batch and anywhere."""

import asyncio
import random
import signal

import pytest

from tests.faults.audit import WRONG
from tests.faults.conftest import RUNS, NewRig
from tests.faults.points import POINTS

pytestmark = pytest.mark.timeout(120 + 60 * RUNS)


@pytest.mark.parametrize("run", range(RUNS))
async def test_killed_at_a_named_point_nothing_is_lost_and_nothing_comes_twice(
    new_rig: NewRig, run: int
) -> None:
    async def killed_at(point: str) -> str:
        rig = await new_rig()
        rig.generate(seed=run, rate=400)
        worker = rig.work(point=point, passes=5 + 3 * run)
        assert await worker.ended(60) == -signal.SIGKILL, worker.tail()
        rig.work()
        await rig.until_more(300)
        audit = await rig.audit()
        return "" if audit.clean else f"killed {point}:\n{audit}"

    failures = await asyncio.gather(*map(killed_at, POINTS))
    assert not any(failures), "\n".join(failures)


@pytest.mark.parametrize("run", range(RUNS))
async def test_killed_at_any_moment_nothing_is_lost_and_nothing_comes_twice(
    new_rig: NewRig, run: int
) -> None:
    """There are two workers, of which the older one is killed."""
    rig, moments = await new_rig(), random.Random(run)
    rig.generate(seed=run, rate=1_000)
    older, younger = rig.work(), rig.work()
    for _ in range(3):
        await rig.until_more(300)
        await asyncio.sleep(moments.uniform(0.0, 0.5))
        await older.kill()
        older, younger = younger, rig.work()
    await rig.until_more(300)
    audit = await rig.audit()
    assert audit.clean, str(audit)


@pytest.mark.parametrize("run", range(RUNS))
async def test_killed_while_it_delivers_at_least_once_it_tells_again_what_it_told_and_stores_it_once(
    new_rig: NewRig, run: int
) -> None:
    """Under one model: what is told again after a switch may be told by the next one, under another id."""
    rig = await new_rig(switching=False, DETECTION_DELIVERY="at_least_once")
    rig.generate(seed=run, rate=1_000)
    for passes in (30, 20):
        worker = rig.work(point="after_send", passes=passes + run)
        assert await worker.ended(60) == -signal.SIGKILL, worker.tail()
    rig.work()
    await rig.until_more(300)
    audit = await rig.audit()
    wrong = {kind for row in audit.rows for kind in WRONG if row.count(kind)}
    assert wrong == {"double"}, str(audit)
    [stored] = [row for row in audit.rows if row.name == "stored"]
    assert stored.count("double") == 0, str(audit)
