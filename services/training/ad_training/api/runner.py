"""Takes jobs from the queue and runs them, some at once; also looks after those that others left behind."""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from ad_chassis.logs import get_logger
from ad_training.domain.jobs import Job, LeaseLost, cancelled, failed, released
from ad_training.settings import TrainingSettings
from ad_training.usecases.recover_jobs import recover_jobs
from ad_training.usecases.run_job import Tools, run_job

Why = Literal["cancelled", "stopping", "lost"]
Key = tuple[str, str]
BEATS_PER_LEASE = 3
log = get_logger("training")


@dataclass(slots=True)
class Running:
    job: Job
    task: asyncio.Task[None]
    why: Why | None = None

    def end(self, why: Why) -> None:
        """Only once: a second cancellation would break off the cleaning up of the first."""
        if self.why is None:
            self.why = why
            # Soon, not now: a task cancelled before its first step would never come to its own cleaning up.
            asyncio.get_running_loop().call_soon(self.task.cancel)


class JobRunner:
    """A component. Every process of the service has one; the database decides who runs what."""

    def __init__(self, tools: Tools, settings: TrainingSettings) -> None:
        self._tools = tools
        self._settings = settings
        self._owner = uuid.uuid4().hex
        self._running: dict[Key, Running] = {}
        self._wake, self._beat_now = asyncio.Event(), asyncio.Event()
        self._stopping = False
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await recover_jobs(self._tools.jobs, self._tools.uploads)
        beat_seconds = self._settings.lease_seconds / BEATS_PER_LEASE
        self._loops = [
            asyncio.create_task(self._forever(self._take, self._settings.poll_seconds, self._wake)),
            asyncio.create_task(self._forever(self._beat, beat_seconds, self._beat_now)),
        ]

    async def stop(self) -> None:
        """Running jobs go back to the queue.

        The loops end by themselves: one that is cancelled while it claims a job would leave it claimed by nobody.
        """
        self._stopping = True
        self._wake.set()
        self._beat_now.set()
        await asyncio.gather(*self._loops, return_exceptions=True)
        running = list(self._running.values())
        for each in running:
            each.end("stopping")
        await asyncio.gather(*(each.task for each in running), return_exceptions=True)

    async def check(self) -> None:
        """Raises when the queue is not worked on."""
        if not self._loops or any(loop.done() for loop in self._loops):
            raise RuntimeError("the job runner is not running")

    def wake(self) -> None:
        self._wake.set()

    def cancel(self, job: Job) -> None:
        running = self._running.get((job.tenant, job.id))
        if running is not None:
            running.end("cancelled")

    async def _forever(
        self, work: Callable[[], Awaitable[None]], every_seconds: float, wake: asyncio.Event
    ) -> None:
        while not self._stopping:
            wake.clear()
            try:
                await work()
            except Exception:
                log.exception("the job runner could not do its work and tries again")
            if not self._stopping:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(every_seconds):
                        await wake.wait()

    async def _take(self) -> None:
        while not self._stopping and len(self._running) < self._settings.max_jobs:
            now = datetime.now(UTC)
            job = await self._tools.jobs.claim(self._owner, now, self._lease_until(now))
            if job is None:
                return
            task = asyncio.create_task(self._run(job), name=f"training job {job.id}")
            self._running[job.tenant, job.id] = Running(job, task)

    async def _beat(self) -> None:
        """Renews the leases, hears of cancellations in other processes, and finds abandoned jobs."""
        held = set(self._running)
        renewed = await self._tools.jobs.renew(self._owner, held, self._lease_until(datetime.now(UTC)))
        for job in renewed:
            if job.cancel_requested:
                self.cancel(job)
        for key in held - {(job.tenant, job.id) for job in renewed}:
            if key in self._running:
                self._running[key].end("lost")
        if await recover_jobs(self._tools.jobs, self._tools.uploads):
            self.wake()

    async def _run(self, job: Job) -> None:
        key = job.tenant, job.id
        try:
            await self._until_ended(job)
        except LeaseLost as error:
            log.warning("job was dropped", job=job.id, reason=str(error))
        except Exception:
            log.exception("the end of a job could not be stored; it will be recovered", job=job.id)
        finally:
            del self._running[key]
            self.wake()

    async def _until_ended(self, job: Job) -> None:
        try:
            ended = await run_job(job, self._owner, self._tools)
        except asyncio.CancelledError:
            await self._broken_off(job)
        except LeaseLost:
            raise
        except Exception as error:
            log.exception("job failed unexpectedly", job=job.id)
            reason = (
                f"something went wrong on our side ({type(error).__name__}); the log of the service has more"
            )
            await self._change(job, lambda found: failed(found, self._owner, datetime.now(UTC), reason))
            await self._tools.uploads.discard(job)
        else:
            if ended is not None:
                log.info(
                    "job ended", job=job.id, status=ended.status, seconds=ended.seconds, reason=ended.error
                )

    async def _broken_off(self, job: Job) -> None:
        why = self._running[job.tenant, job.id].why
        now = datetime.now(UTC)
        if why == "stopping":
            await self._change(job, lambda found: released(found, self._owner, now))
        elif why == "cancelled":
            await self._change(job, lambda found: cancelled(found, self._owner, now))
            await self._tools.uploads.discard(job)

    async def _change(self, job: Job, transition: Callable[[Job], Job]) -> None:
        await self._tools.jobs.change(job.tenant, job.id, transition)

    def _lease_until(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._settings.lease_seconds)
