"""A training job and the steps of its life."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Phase = Literal["queued", "fetch", "fit", "register"]
ENDED: frozenset[Status] = frozenset({"succeeded", "failed", "cancelled"})
MAX_ATTEMPTS = 2


class LeaseLost(Exception):
    """The job belongs to another process now, or has ended: what this one did with it does not count."""


class AlreadyEnded(Exception):
    """The job cannot be cancelled any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    tenant: str
    id: str
    model: str
    algorithm: str
    parameters: dict[str, Any]
    contamination: float
    columns: tuple[str, ...]
    source: dict[str, Any]
    time_limit_seconds: float
    memory_limit_mb: int
    requested_by: str
    created_at: datetime
    status: Status = "queued"
    phase: Phase = "queued"
    progress: float = 0.0
    rows: int = 0
    version: int | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    phase_seconds: dict[str, float] = field(default_factory=dict)
    error: str | None = None
    attempt: int = 0
    cancel_requested: bool = False
    lease_owner: str | None = None
    lease_until: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def seconds(self) -> float:
        """How long it ran."""
        if self.started_at is None or self.finished_at is None:
            return 0.0
        return (self.finished_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Sight:
    """What is there for a caller: jobs on streams that they see; of those on rows, only their own when bound."""

    streams: frozenset[str] | None = None
    subject: str = ""

    def shows(self, job: Job) -> bool:
        if self.streams is None:
            return True
        stream = job.source.get("stream")
        return job.requested_by == self.subject if stream is None else stream in self.streams


def claimed(job: Job, owner: str, now: datetime, lease_until: datetime) -> Job:
    """A process takes a queued job."""
    return replace(
        job,
        status="running",
        attempt=job.attempt + 1,
        lease_owner=owner,
        lease_until=lease_until,
        started_at=now,
    )


def moved(job: Job, owner: str, phase: Phase, progress: float, phase_seconds: dict[str, float]) -> Job:
    """The job got on; progress never goes back."""
    _held(job, owner)
    return replace(job, phase=phase, progress=max(job.progress, progress), phase_seconds=dict(phase_seconds))


def succeeded(
    job: Job,
    owner: str,
    now: datetime,
    *,
    version: int,
    rows: int,
    metrics: dict[str, float],
    phase_seconds: dict[str, float],
) -> Job:
    _held(job, owner)
    done = replace(
        job, version=version, rows=rows, metrics=metrics, phase_seconds=phase_seconds, progress=1.0
    )
    return _ended(done, "succeeded", now)


def failed(job: Job, owner: str, now: datetime, reason: str) -> Job:
    _held(job, owner)
    return _ended(job, "failed", now, reason)


def cancel_asked(job: Job, now: datetime) -> Job:
    """A queued job ends at once; a running one is ended by the process that runs it."""
    if job.ended:
        raise AlreadyEnded(
            f"job {job.id} has {job.status} already; only a queued or running job can be cancelled"
        )
    if job.status == "queued":
        return _ended(job, "cancelled", now)
    return replace(job, cancel_requested=True)


def cancelled(job: Job, owner: str, now: datetime) -> Job:
    """The process that ran the job has stopped it."""
    _held(job, owner)
    return _ended(job, "cancelled", now)


def released(job: Job, owner: str, now: datetime) -> Job:
    """The service stops: the job goes back to the queue, and this attempt does not count."""
    _held(job, owner)
    if job.cancel_requested:
        return _ended(job, "cancelled", now)
    return _queued(replace(job, attempt=job.attempt - 1))


def recovered(job: Job, now: datetime) -> Job:
    """Nobody renewed the lease: queued once more, then given up."""
    if job.status != "running" or job.lease_until is None or job.lease_until > now:
        return job
    if job.cancel_requested:
        return _ended(job, "cancelled", now)
    if job.attempt < MAX_ATTEMPTS:
        return _queued(job)
    return _ended(job, "failed", now, f"the training service died {job.attempt} times while this job ran")


def is_news(before: Job, after: Job) -> bool:
    """Whether somebody who follows the job must be told."""

    def told(job: Job) -> tuple[object, ...]:
        return job.status, job.phase, job.progress, job.cancel_requested

    return told(before) != told(after)


def _held(job: Job, owner: str) -> None:
    if job.status != "running" or job.lease_owner != owner:
        raise LeaseLost(f"job {job.id} is {job.status} and not run by this process any more")


def _queued(job: Job) -> Job:
    return replace(
        job,
        status="queued",
        phase="queued",
        progress=0.0,
        phase_seconds={},
        lease_owner=None,
        lease_until=None,
        started_at=None,
    )


def _ended(job: Job, status: Status, now: datetime, error: str | None = None) -> Job:
    return replace(job, status=status, finished_at=now, error=error, lease_owner=None, lease_until=None)
