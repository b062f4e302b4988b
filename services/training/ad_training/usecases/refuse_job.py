"""Records a request that came as an event and cannot be carried out, so that whoever sent it hears of it."""

from datetime import UTC, datetime

from ad_training.domain.jobs import Job
from ad_training.ports import JobStore

LONGEST_NAME = 63


async def refuse_job(
    jobs: JobStore, *, tenant: str, job_id: str, model: str, algorithm: str, requested_by: str, reason: str
) -> None:
    now = datetime.now(UTC)
    await jobs.add(
        Job(
            tenant=tenant,
            id=job_id,
            model=model[:LONGEST_NAME],
            algorithm=algorithm[:LONGEST_NAME],
            parameters={},
            contamination=0.0,
            columns=(),
            source={},
            time_limit_seconds=0.0,
            memory_limit_mb=0,
            requested_by=requested_by[:255],
            created_at=now,
            status="failed",
            finished_at=now,
            error=reason,
        )
    )
