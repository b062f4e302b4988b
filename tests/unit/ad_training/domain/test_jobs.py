"""The life of a job."""

from datetime import timedelta

import pytest

from ad_training.domain import jobs
from tests.support.training import NOW, job

LATER = NOW + timedelta(seconds=10)


def running(**changes):
    return jobs.claimed(job(**changes), "me", NOW, LATER)


def succeeded(found, owner="me"):
    return jobs.succeeded(
        found, owner, LATER, version=3, rows=7, metrics={"m": 1.0}, phase_seconds={"fit": 2.0}
    )


def test_a_claimed_job_runs_for_its_owner_until_the_lease_ends() -> None:
    found = running()
    assert (found.status, found.attempt, found.lease_owner, found.lease_until) == ("running", 1, "me", LATER)


def test_progress_never_goes_back() -> None:
    found = jobs.moved(running(), "me", "fit", 0.6, {})
    assert jobs.moved(found, "me", "register", 0.5, {}).progress == 0.6


def test_a_job_that_succeeded_has_its_version_and_no_lease() -> None:
    found = succeeded(running())
    assert (found.status, found.version, found.rows, found.progress) == ("succeeded", 3, 7, 1.0)
    assert (found.lease_owner, found.seconds, found.ended) == (None, 10.0, True)


def test_only_the_holder_of_the_lease_may_change_a_job() -> None:
    found = running()
    for change in (
        lambda: jobs.moved(found, "other", "fit", 0.5, {}),
        lambda: succeeded(found, "other"),
        lambda: jobs.failed(found, "other", LATER, "why"),
        lambda: jobs.cancelled(found, "other", LATER),
        lambda: jobs.released(found, "other", LATER),
        lambda: jobs.failed(succeeded(found), "me", LATER, "why"),
    ):
        with pytest.raises(jobs.LeaseLost):
            change()


def test_a_queued_job_is_cancelled_at_once_and_a_running_one_is_marked() -> None:
    assert jobs.cancel_asked(job(), NOW).status == "cancelled"
    marked = jobs.cancel_asked(running(), NOW)
    assert (marked.status, marked.cancel_requested) == ("running", True)
    assert jobs.cancelled(marked, "me", LATER).status == "cancelled"


def test_an_ended_job_cannot_be_cancelled() -> None:
    with pytest.raises(jobs.AlreadyEnded, match="succeeded already"):
        jobs.cancel_asked(succeeded(running()), LATER)


def test_a_released_job_waits_again_and_the_attempt_does_not_count() -> None:
    found = jobs.released(jobs.moved(running(), "me", "fit", 0.6, {"fetch": 1.0}), "me", LATER)
    assert (found.status, found.phase, found.progress, found.attempt) == ("queued", "queued", 0.0, 0)
    assert jobs.released(jobs.cancel_asked(running(), NOW), "me", LATER).status == "cancelled"


def test_an_abandoned_job_is_queued_once_more_and_then_fails() -> None:
    assert jobs.recovered(running(), NOW) == running()
    again = jobs.recovered(running(), LATER)
    assert (again.status, again.attempt) == ("queued", 1)
    ended = jobs.recovered(jobs.claimed(again, "you", NOW, LATER), LATER)
    assert ended.status == "failed"
    assert "died 2 times" in (ended.error or "")
    assert jobs.recovered(jobs.cancel_asked(running(), NOW), LATER).status == "cancelled"


def test_a_renewed_lease_is_no_news_but_progress_is() -> None:
    found = running()
    assert jobs.is_news(job(), found)
    assert not jobs.is_news(found, jobs.claimed(job(), "me", NOW, LATER + timedelta(seconds=5)))
    assert jobs.is_news(found, jobs.moved(found, "me", "fit", 0.5, {}))


def test_who_is_bound_sees_jobs_on_their_streams_and_their_own_on_rows() -> None:
    pump, mine = job(), job(source={"rows": 3}, requested_by="ann")
    for sight, seen in (
        (jobs.Sight(), (True, True)),
        (jobs.Sight(frozenset({"pump"}), "bob"), (True, False)),
        (jobs.Sight(frozenset({"mill"}), "ann"), (False, True)),
    ):
        assert (sight.shows(pump), sight.shows(mine)) == seen
