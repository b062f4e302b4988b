"""Jobs whose process died."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ad_training.domain.jobs import claimed
from ad_training.usecases.recover_jobs import recover_jobs
from tests.support.training import NOW, FakeUploads, MemoryJobs, job


async def test_an_abandoned_job_is_queued_again_and_keeps_its_rows() -> None:
    jobs, uploads = MemoryJobs(claimed(job(), "dead", NOW, NOW)), FakeUploads({"job-1": b"rows"})
    [changed] = await recover_jobs(jobs, uploads)
    assert (changed.status, changed.attempt, list(uploads.kept)) == ("queued", 1, ["job-1"])


async def test_the_second_death_ends_it() -> None:
    again = claimed(replace(job(), attempt=1), "dead", NOW, NOW)
    jobs, uploads = MemoryJobs(again), FakeUploads({"job-1": b"rows"})
    [changed] = await recover_jobs(jobs, uploads)
    assert (changed.status, uploads.kept) == ("failed", {})


async def test_a_job_that_is_alive_is_left_alone() -> None:
    alive = claimed(job(), "me", NOW, datetime.now(UTC) + timedelta(seconds=60))
    assert await recover_jobs(MemoryJobs(alive), FakeUploads()) == []
