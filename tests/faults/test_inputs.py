"""Input that cannot be taken, that comes twice, and that comes in another order."""

import pytest

from tests.faults import topics
from tests.faults.conftest import RUNS, NewRig
from tests.faults.poison import poison
from tests.faults.records import STREAM

pytestmark = pytest.mark.timeout(120 + 60 * RUNS)


@pytest.mark.parametrize("run", range(RUNS))
async def test_poison_is_set_aside_once_with_its_reason_and_stops_nothing(new_rig: NewRig, run: int) -> None:
    rig = await new_rig()
    rig.generate(seed=run, rate=500)
    worker = rig.work()
    await rig.until_more(100)
    messages = poison()
    for number, (value, content_type) in enumerate(messages.values()):
        headers = [("ce_source", STREAM.encode()), ("content-type", content_type)]
        await topics.send(
            rig.bootstrap, rig.topic, [value], headers=headers, key=b"poison", partition=number % 3
        )
    for headers in ([], [("ce_source", b"nobody")], [("ce_source", b"\xff")]):
        await topics.send(rig.bootstrap, rig.topic, [b"{}"], headers=headers, partition=0)
    await rig.until_more(500)
    audit = await rig.audit()
    assert audit.clean, f"{audit}\n{worker.tail()}"
    [rejected] = [row for row in audit.rows if row.name == "rejected"]
    assert rejected.found >= len(messages)
    assert worker.code is None, worker.tail()


@pytest.mark.parametrize("run", range(RUNS))
async def test_what_comes_twice_or_late_is_scored_as_it_stands_on_the_topic(
    new_rig: NewRig, run: int
) -> None:
    rig = await new_rig()
    for seed in range(2):
        rig.generate(seed=run + seed, rate=400, untidy_share=0.2)
    worker = rig.work()
    await rig.until_more(400)
    await worker.kill()
    rig.work()
    await rig.until_more(400)
    audit = await rig.audit()
    assert audit.clean, str(audit)
