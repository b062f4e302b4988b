"""Runs one claimed job: fetch the data, fit, register the model."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ad_chassis.errors import PlatformError
from ad_training.domain.exits import out_of_time
from ad_training.domain.jobs import Job, LeaseLost, Phase, failed, moved, succeeded
from ad_training.ports import (
    FitOrder,
    Fitted,
    JobStore,
    Models,
    Streams,
    Trainer,
    TrainingFailed,
    Uploads,
    Workspace,
)

# Where in the job's progress each phase begins, and the end.
BEGINS: dict[Phase, float] = {"queued": 0.0, "fetch": 0.0, "fit": 0.2, "register": 0.9}
FIT_ENDS = 0.9
DATA = "data.arrow"


@dataclass(frozen=True, slots=True)
class Tools:
    """What a job is run with."""

    jobs: JobStore
    streams: Streams
    uploads: Uploads
    trainer: Trainer
    models: Models
    workspace: Workspace


async def run_job(job: Job, owner: str, tools: Tools) -> Job | None:
    """The job as it ended. Raises `LeaseLost` when it is not this owner's any more."""
    log = PhaseLog(job, owner, tools.jobs)
    deadline = asyncio.timeout(job.time_limit_seconds)
    try:
        async with deadline:
            version, fitted = await _trained(job, tools, log)
    except (TrainingFailed, PlatformError) as error:
        return await _failed(job, owner, tools, str(error))
    except TimeoutError:
        if not deadline.expired():
            raise
        return await _failed(job, owner, tools, out_of_time(job.time_limit_seconds))
    ended = await tools.jobs.change(
        job.tenant,
        job.id,
        lambda found: succeeded(
            found,
            owner,
            datetime.now(UTC),
            version=version,
            rows=fitted.rows,
            metrics=fitted.metrics,
            phase_seconds=log.seconds(),
        ),
    )
    await tools.uploads.discard(job)
    return ended


class PhaseLog:
    """Tells of progress, and how long each phase took."""

    def __init__(self, job: Job, owner: str, jobs: JobStore) -> None:
        self._job = job
        self._owner = owner
        self._jobs = jobs
        self._begun: list[tuple[Phase, float]] = []

    async def begin(self, phase: Phase) -> None:
        self._begun.append((phase, time.monotonic()))
        await self._tell(phase, BEGINS[phase])

    async def fitting(self, share: float) -> None:
        """`share` of the fit is done."""
        await self._tell("fit", BEGINS["fit"] + (FIT_ENDS - BEGINS["fit"]) * min(max(share, 0.0), 1.0))

    def seconds(self) -> dict[str, float]:
        """Time per phase so far."""
        ends = [begun for _, begun in self._begun[1:]] + [time.monotonic()]
        return {phase: round(end - begun, 3) for (phase, begun), end in zip(self._begun, ends, strict=True)}

    async def _tell(self, phase: Phase, progress: float) -> None:
        job, owner, seconds = self._job, self._owner, self.seconds()
        found = await self._jobs.change(
            job.tenant, job.id, lambda found: moved(found, owner, phase, round(progress, 3), seconds)
        )
        if found is None:
            # No model is registered for a tenant that was erased meanwhile.
            raise LeaseLost(f"job {job.id} is gone")


async def _trained(job: Job, tools: Tools, log: PhaseLog) -> tuple[int, Fitted]:
    async with tools.workspace.folder() as folder:
        await log.begin("fetch")
        data = folder / DATA
        await _fetch(job, tools, data)
        await log.begin("fit")
        order = FitOrder(
            algorithm=job.algorithm,
            parameters=job.parameters,
            contamination=job.contamination,
            columns=job.columns,
            data=data,
            folder=folder,
            memory_limit_mb=job.memory_limit_mb,
        )
        fitted = await tools.trainer.fit(order, log.fitting)
    await log.begin("register")
    return await tools.models.register(job, fitted.artifact), fitted


async def _fetch(job: Job, tools: Tools, into: Path) -> None:
    if "stream" in job.source:
        await tools.streams.fetch(job.tenant, job.source, into)
    else:
        await tools.uploads.fetch(job.tenant, job.id, into)


async def _failed(job: Job, owner: str, tools: Tools, reason: str) -> Job | None:
    now = datetime.now(UTC)
    ended = await tools.jobs.change(job.tenant, job.id, lambda found: failed(found, owner, now, reason))
    await tools.uploads.discard(job)
    return ended
