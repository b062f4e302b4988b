"""A model that is promoted and rolled back all the time, while workers come, go and are killed."""

import pytest

from tests.faults.conftest import RUNS, NewRig

pytestmark = pytest.mark.timeout(120 + 60 * RUNS)


@pytest.mark.parametrize("run", range(RUNS))
async def test_every_switch_of_models_happens_at_one_offset_whatever_becomes_of_the_worker(
    new_rig: NewRig, run: int
) -> None:
    """In the other tests models change too, in every other run; here there are many switches, in each."""
    rig = await new_rig(switching=True)
    rig.generate(seed=run, rate=500)
    for passes in (25 + run, 40 + run):
        await rig.work(point="before_commit", passes=passes).ended(60)
    rig.work()
    await rig.until_more(2_500)
    audit = await rig.audit()
    assert audit.clean, str(audit)
    rows = {row.name: row for row in audit.rows}
    assert rows["switches"].found > 6, str(audit)
    assert rows["shadow"].found > 300, str(audit)
