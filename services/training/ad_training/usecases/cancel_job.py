"""Cancels a job, wherever it runs."""

from datetime import UTC, datetime

from ad_chassis.errors import Conflict, NotFound
from ad_training.domain.jobs import AlreadyEnded, Job, cancel_asked
from ad_training.ports import JobStore, Uploads, Workers


async def cancel_job(jobs: JobStore, uploads: Uploads, workers: Workers, *, tenant: str, job_id: str) -> Job:
    """A running job is marked, and ended by the process that runs it: at once when it is this one."""
    try:
        job = await jobs.change(tenant, job_id, lambda found: cancel_asked(found, datetime.now(UTC)))
    except AlreadyEnded as error:
        raise Conflict(str(error)) from error
    if job is None:
        raise NotFound(f"there is no job {job_id!r}; GET /api/v1/train lists those that exist")
    if job.ended:
        await uploads.discard(job)
    else:
        workers.cancel(job)
    return job
