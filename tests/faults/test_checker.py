"""The audit is worth something only if it fails over a worker that does it wrong."""

import asyncio
from typing import Any

import pytest

from tests.faults.audit import Audit
from tests.faults.conftest import NewRig

pytestmark = pytest.mark.timeout(600)
FAILING = 7
SWITCHES, TRIES = 10, 6


async def killed_once(new_rig: NewRig, **faults: Any) -> Audit:
    rig = await new_rig()
    rig.generate(rate=400)
    worker = rig.work(point="after_score", passes=12, **faults)
    await worker.ended(60)
    rig.work(**faults)
    await rig.until_more(200)
    return await rig.audit(patience_seconds=3.0)


async def killed_while_models_change(new_rig: NewRig, **faults: Any) -> Audit:
    # What a recovery may get wrong is whether the last record of an entity was anomalous: so many are.
    rig = await new_rig(limits={"alert_probability": 0.3}, switching=True)
    rig.generate(rate=400)
    for _ in range(5):
        # By then what waited is scored, and most partitions have a switch behind their last snapshot.
        await rig.work(point="after_switch", passes=SWITCHES, **faults).ended(60)
    rig.work(**faults)
    await rig.until_more(1_500)
    return await rig.audit(patience_seconds=3.0)


async def switches_forgotten(new_rig: NewRig) -> Audit:
    """One that is forgotten shows only where an entity's state depended on it, so it is tried until one does."""
    for _ in range(TRIES):
        found = await killed_while_models_change(new_rig, wrong=["forget_switches"])
        if found.count("different"):
            break
    return found


async def with_failing_sends(new_rig: NewRig, **faults: Any) -> Audit:
    rig = await new_rig()
    rig.generate(rate=400)
    rig.work(failing_sends=FAILING, **faults)
    await rig.until_committed(800)
    return await rig.audit(patience_seconds=3.0)


async def test_the_audit_fails_over_a_worker_that_does_it_wrong(new_rig: NewRig) -> None:
    early, careless, forgetful, unswitched, right = await asyncio.gather(
        killed_once(new_rig, wrong=["commit_before_scoring"]),
        with_failing_sends(new_rig, wrong=["await_no_send"]),
        killed_once(new_rig, wrong=["skip_snapshots"]),
        switches_forgotten(new_rig),
        with_failing_sends(new_rig),
    )
    assert early.count("missing"), f"with offsets committed before scoring:\n{early}"
    assert careless.count("missing"), f"with sends that nobody awaits:\n{careless}"
    assert forgetful.count("different"), f"with snapshots skipped:\n{forgetful}"
    assert unswitched.count("different"), f"with switches that a recovery forgets:\n{unswitched}"
    assert right.clean, f"with sends that fail and are awaited:\n{right}"
