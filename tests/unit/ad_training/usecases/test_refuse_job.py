"""Requests by event that cannot be carried out."""

from ad_training.usecases.refuse_job import refuse_job
from tests.support.training import MemoryJobs, job

WHAT = {"model": "M" * 100, "algorithm": "magic", "requested_by": "them", "reason": "no such algorithm"}


async def test_a_refused_request_is_a_failed_job_with_the_reason() -> None:
    jobs = MemoryJobs()
    await refuse_job(jobs, tenant="default", job_id="e1", **WHAT)
    found = jobs.jobs["default", "e1"]
    assert (found.status, found.error, found.seconds) == ("failed", "no such algorithm", 0.0)
    assert found.model == "M" * 63


async def test_a_job_that_exists_is_left_as_it_is() -> None:
    jobs = MemoryJobs(job(id="e1"))
    await refuse_job(jobs, tenant="default", job_id="e1", **WHAT)
    assert jobs.jobs["default", "e1"].status == "queued"
