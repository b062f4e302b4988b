"""Jobs in the database."""

import asyncio
from datetime import timedelta

import pytest

from ad_chassis.database.migrations import differences
from ad_chassis.errors import BadRequest
from ad_chassis.tenants import QuotaExceeded
from ad_training.adapters import tables
from ad_training.domain.jobs import AlreadyEnded, Sight, cancel_asked, cancelled, moved, succeeded
from tests.support.registry import published
from tests.support.training import NOW, job

LATER = NOW + timedelta(seconds=10)


async def test_a_job_comes_back_as_it_was_stored_and_only_to_its_tenant(jobs) -> None:
    stored = job(parameters={"seed": 1}, metrics={"m": 0.5}, started_at=NOW)
    assert await jobs.add(stored)
    assert await jobs.get("default", "job-1") == stored
    assert await jobs.get("other", "job-1") is None
    assert not await jobs.add(job(model="else"))
    assert await jobs.get("default", "job-1") == stored


async def test_jobs_are_claimed_in_order_and_each_once(jobs) -> None:
    for number in (2, 0, 1):
        await jobs.add(job(id=f"j{number}", created_at=NOW + timedelta(seconds=number)))
    claims = await asyncio.gather(*(jobs.claim(f"owner-{i}", NOW, LATER) for i in range(4)))
    assert sorted(each.id for each in claims if each) == ["j0", "j1", "j2"]
    assert [each.id for each in claims if each] == ["j0", "j1", "j2"]
    assert claims[-1] is None


async def test_what_changes_is_told_in_order(platform, jobs) -> None:
    await jobs.add(job())
    await jobs.claim("me", NOW, LATER)
    await jobs.change("default", "job-1", lambda found: moved(found, "me", "fit", 0.5, {}))
    await jobs.change("default", "job-1", lambda found: cancel_asked(found, NOW))
    await jobs.change("default", "job-1", lambda found: cancelled(found, "me", LATER))
    events = await published(platform, "training.events")
    assert [(event.state, event.step, event.progress) for event in events[:-1]] == [
        ("queued", "queued", 0.0),
        ("running", "queued", 0.0),
        ("running", "fit", 0.5),
        ("cancelling", "fit", 0.5),
    ]
    assert (events[-1].outcome, events[-1].seconds) == ("cancelled", 10.0)


async def test_a_transition_that_is_refused_changes_nothing(platform, jobs) -> None:
    await jobs.add(job(status="failed"))
    with pytest.raises(AlreadyEnded):
        await jobs.change("default", "job-1", lambda found: cancel_asked(found, NOW))
    assert (await jobs.get("default", "job-1")).status == "failed"
    assert len(await published(platform, "training.events")) == 1
    assert await jobs.change("default", "nothing", lambda found: found) is None


async def test_a_finished_event_has_version_rows_and_metrics(platform, jobs) -> None:
    await jobs.add(job())
    await jobs.claim("me", NOW, LATER)
    facts = {"version": 4, "rows": 9, "metrics": {"m": 1.0}, "phase_seconds": {}}
    await jobs.change("default", "job-1", lambda found: succeeded(found, "me", LATER, **facts))
    *_, event = await published(platform, "training.events")
    assert (event.outcome, event.version, event.rows, event.metrics) == ("succeeded", 4, 9, {"m": 1.0})


async def test_only_the_owner_renews_a_lease_and_one_that_ran_out_is_found(jobs) -> None:
    await jobs.add(job())
    await jobs.claim("me", NOW, LATER)
    key = [("default", "job-1")]
    assert await jobs.renew("other", key, LATER) == []
    assert await jobs.renew("me", [], LATER) == []
    [renewed] = await jobs.renew("me", key, LATER + timedelta(seconds=10))
    assert renewed.lease_until == LATER + timedelta(seconds=10)
    assert await jobs.abandoned(LATER) == []
    assert [each.id for each in await jobs.abandoned(LATER + timedelta(seconds=10))] == ["job-1"]


async def test_pages_are_newest_first_and_follow_each_other(jobs) -> None:
    for number in range(5):
        status = "failed" if number == 2 else "queued"
        await jobs.add(job(id=f"j{number}", created_at=NOW + timedelta(seconds=number // 2), status=status))
    first = await jobs.page("default", None, None, 3, Sight())
    second = await jobs.page("default", None, first[-1].id, 3, Sight())
    assert [each.id for each in first + second] == ["j4", "j3", "j2", "j1", "j0"]
    assert [each.id for each in await jobs.page("default", "failed", None, 3, Sight())] == ["j2"]
    with pytest.raises(BadRequest, match="next_cursor"):
        await jobs.page("default", None, "nothing", 3, Sight())


async def test_the_migration_makes_the_tables_that_the_code_uses(platform, jobs) -> None:
    async with platform.database(tables.SERVICE).engine.connect() as connection:
        assert await connection.run_sync(differences, tables.metadata, tables.SERVICE) == []


async def test_pages_are_full_of_what_the_caller_sees(jobs) -> None:
    rows, pump, mill = {"rows": 10}, {"stream": "pump"}, {"stream": "mill"}
    for number, (source, by) in enumerate(
        [(pump, "ann"), (mill, "ann"), (rows, "ann"), (rows, "bob"), (mill, "bob"), (pump, "bob")]
    ):
        at = NOW + timedelta(seconds=number)
        await jobs.add(job(id=f"j{number}", created_at=at, source=source, requested_by=by))
    for sight, seen in (
        (Sight(), ["j5", "j4", "j3", "j2", "j1", "j0"]),
        (Sight(frozenset({"pump"}), "ann"), ["j5", "j2", "j0"]),
        (Sight(frozenset({"pump", "mill"}), "bob"), ["j5", "j4", "j3", "j1", "j0"]),
        (Sight(frozenset(), "eve"), []),
    ):
        first = await jobs.page("default", None, None, 2, sight)
        found = first + (await jobs.page("default", None, first[-1].id, 9, sight) if first else [])
        assert [each.id for each in found] == seen
        assert all(sight.shows(each) for each in found)


async def test_jobs_that_come_at_the_same_time_do_not_exceed_the_quota(jobs) -> None:
    await jobs.add(job(id="ended", status="succeeded"), most=2)
    await jobs.add(job(id="others", tenant="other"), most=2)
    tries = (jobs.add(job(id=f"j{number}"), most=2) for number in range(6))
    added = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(each is True for each in added) == 2
    assert sum(isinstance(each, QuotaExceeded) for each in added) == 4
