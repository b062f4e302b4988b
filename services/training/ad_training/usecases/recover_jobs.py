"""Takes care of jobs whose process died."""

from datetime import UTC, datetime

from ad_training.domain.jobs import Job, recovered
from ad_training.ports import JobStore, Uploads


async def recover_jobs(jobs: JobStore, uploads: Uploads) -> list[Job]:
    """The jobs that changed: back in the queue the first time, failed the second."""
    now = datetime.now(UTC)
    changed = []
    for job in await jobs.abandoned(now):
        after = await jobs.change(job.tenant, job.id, lambda found: recovered(found, now))
        if after is None or after == job:
            continue
        changed.append(after)
        if after.ended:
            await uploads.discard(after)
    return changed
