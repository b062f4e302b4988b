"""The queue is worked on: so many at once, cancelled, given back, recovered."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ad_training.api.runner import JobRunner
from ad_training.domain.jobs import cancel_asked, claimed
from ad_training.settings import TrainingSettings
from ad_training.usecases.run_job import Tools
from tests.support.training import (
    NOW,
    FakeModels,
    FakeStreams,
    FakeTrainer,
    FakeUploads,
    OneFolder,
    job,
)

SETTINGS = TrainingSettings(max_jobs=2, poll_seconds=0.05, lease_seconds=0.3)


@pytest.fixture
def runner_of(jobs, tmp_path):
    @asynccontextmanager
    async def start(trainer, settings=SETTINGS):
        tools = Tools(jobs, FakeStreams(), FakeUploads(), trainer, FakeModels(), OneFolder(tmp_path))
        runner = JobRunner(tools, settings)
        await runner.start()
        try:
            yield runner
        finally:
            await runner.stop()

    return start


async def reached(jobs, job_id, *statuses, phase=None):
    async with asyncio.timeout(10):
        while True:
            found = await jobs.get("default", job_id)
            if found.status in statuses and phase in (None, found.phase):
                return found
            await asyncio.sleep(0.01)


async def test_queued_jobs_run_in_order_and_only_so_many_at_once(jobs, runner_of) -> None:
    for number in range(3):
        await jobs.add(job(id=f"j{number}", created_at=NOW + timedelta(seconds=number)))
    async with runner_of(FakeTrainer(outcome=None)) as runner:
        await reached(jobs, "j0", "running", phase="fit")
        await reached(jobs, "j1", "running", phase="fit")
        assert (await jobs.get("default", "j2")).status == "queued"
        runner.cancel(await jobs.get("default", "j0"))
        await reached(jobs, "j0", "cancelled")
        await reached(jobs, "j2", "running")
        await runner.check()


async def test_jobs_end_and_the_next_is_taken(jobs, runner_of) -> None:
    async with runner_of(FakeTrainer()) as runner:
        for number in range(4):
            await jobs.add(job(id=f"j{number}"))
        runner.wake()
        for number in range(4):
            await reached(jobs, f"j{number}", "succeeded")


async def test_a_cancellation_in_another_process_is_heard(jobs, runner_of) -> None:
    await jobs.add(job())
    trainer = FakeTrainer(outcome=None)
    async with runner_of(trainer):
        await reached(jobs, "job-1", "running", phase="fit")
        await jobs.change("default", "job-1", lambda found: cancel_asked(found, NOW))
        await reached(jobs, "job-1", "cancelled")
    assert trainer.ended == 1


async def test_a_stop_gives_jobs_back_and_a_start_takes_them_again(jobs, runner_of) -> None:
    await jobs.add(job())
    async with runner_of(FakeTrainer(outcome=None)):
        await reached(jobs, "job-1", "running", phase="fit")
    waiting = await jobs.get("default", "job-1")
    assert (waiting.status, waiting.attempt, waiting.lease_owner) == ("queued", 0, None)
    async with runner_of(FakeTrainer()):
        assert (await reached(jobs, "job-1", "succeeded")).attempt == 1


async def test_a_job_of_a_dead_process_runs_again_once(jobs, runner_of) -> None:
    await jobs.add(claimed(job(), "dead", NOW, datetime.now(UTC) + timedelta(seconds=0.1)))
    await jobs.add(claimed(job(id="j2", attempt=1), "dead", NOW, NOW))
    async with runner_of(FakeTrainer()):
        assert (await reached(jobs, "job-1", "succeeded")).attempt == 2
        assert "died 2 times" in (await reached(jobs, "j2", "failed")).error


async def test_a_job_that_another_process_took_is_stopped_here(jobs, runner_of) -> None:
    await jobs.add(job())
    trainer = FakeTrainer(outcome=None)
    async with runner_of(trainer):
        await reached(jobs, "job-1", "running", phase="fit")
        until = datetime.now(UTC) + timedelta(seconds=60)
        await jobs.change(
            "default", "job-1", lambda found: replace(found, lease_owner="other", lease_until=until)
        )
        async with asyncio.timeout(10):
            while not trainer.ended:
                await asyncio.sleep(0.01)
    assert (await jobs.get("default", "job-1")).lease_owner == "other"


async def test_an_unexpected_error_fails_the_job_without_telling_the_inside(jobs, runner_of) -> None:
    await jobs.add(job())
    async with runner_of(FakeTrainer(ZeroDivisionError("secret"))):
        found = await reached(jobs, "job-1", "failed")
    assert "on our side (ZeroDivisionError)" in found.error
    assert "secret" not in found.error


async def test_a_runner_that_does_not_run_is_unhealthy(jobs, runner_of) -> None:
    async with runner_of(FakeTrainer()) as runner:
        await runner.check()
    with pytest.raises(RuntimeError, match="not running"):
        await runner.check()


async def test_a_job_cancelled_before_its_first_step_is_ended_properly(jobs, tmp_path) -> None:
    await jobs.add(job())
    tools = Tools(jobs, FakeStreams(), FakeUploads(), FakeTrainer(), FakeModels(), OneFolder(tmp_path))
    runner = JobRunner(tools, TrainingSettings(max_jobs=1))
    await runner._take()
    runner.cancel(job())
    await reached(jobs, "job-1", "cancelled")
    async with asyncio.timeout(10):  # the job is stored as ended a moment before its place is free
        while runner._running:
            await asyncio.sleep(0.01)
