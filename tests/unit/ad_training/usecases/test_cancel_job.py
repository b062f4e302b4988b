"""Cancelling."""

from dataclasses import replace

import pytest

from ad_chassis.errors import Conflict, NotFound
from ad_training.domain.jobs import claimed
from ad_training.usecases.cancel_job import cancel_job
from tests.support.training import NOW, FakeUploads, FakeWorkers, MemoryJobs, job


async def cancel(found, uploads=None, job_id="job-1"):
    workers = FakeWorkers()
    after = await cancel_job(
        MemoryJobs(found), uploads or FakeUploads(), workers, tenant="default", job_id=job_id
    )
    return after, workers


async def test_a_queued_job_ends_and_its_rows_go() -> None:
    uploads = FakeUploads({"job-1": b"rows"})
    after, workers = await cancel(job(source={"rows": 1}), uploads)
    assert (after.status, uploads.kept, workers.cancelled) == ("cancelled", {}, [])


async def test_a_running_job_is_stopped_by_who_runs_it() -> None:
    uploads = FakeUploads({"job-1": b"rows"})
    after, workers = await cancel(claimed(job(), "me", NOW, NOW), uploads)
    assert (after.status, after.cancel_requested, workers.cancelled) == ("running", True, ["job-1"])
    assert uploads.kept


async def test_an_unknown_or_ended_job_cannot_be_cancelled() -> None:
    with pytest.raises(NotFound, match="no job 'other'"):
        await cancel(job(), job_id="other")
    with pytest.raises(Conflict, match="failed already"):
        await cancel(replace(job(), status="failed"))
