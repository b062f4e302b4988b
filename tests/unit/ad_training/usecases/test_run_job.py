"""Running one job."""

import pytest

from ad_chassis.errors import Unavailable
from ad_training.domain.jobs import LeaseLost, claimed
from ad_training.ports import TrainingFailed
from ad_training.usecases.run_job import Tools, run_job
from tests.support.training import (
    NOW,
    FakeModels,
    FakeStreams,
    FakeTrainer,
    FakeUploads,
    MemoryJobs,
    OneFolder,
    arrow,
    job,
)


class Bench:
    def __init__(self, folder, **parts) -> None:
        self.jobs = MemoryJobs()
        self.trainer = parts.get("trainer") or FakeTrainer()
        self.models = parts.get("models") or FakeModels()
        self.streams = parts.get("streams") or FakeStreams()
        self.uploads = FakeUploads({"job-1": arrow(3)})
        self.tools = Tools(
            self.jobs, self.streams, self.uploads, self.trainer, self.models, OneFolder(folder)
        )

    async def run(self, owner="me", **changes):
        found = claimed(job(**changes), "me", NOW, NOW)
        await self.jobs.add(found)
        return await run_job(found, owner, self.tools)


async def test_a_job_fetches_fits_registers_and_tells_of_it(tmp_path) -> None:
    bench = Bench(tmp_path)
    ended = await bench.run()
    assert (ended.status, ended.version, ended.rows, ended.metrics) == (
        "succeeded",
        1,
        10,
        {"score_mean": 1.0},
    )
    told = [(each.phase, each.progress) for each in bench.jobs.history[1:]]
    assert told == [("fetch", 0.0), ("fit", 0.2), ("fit", 0.55), ("register", 0.9), ("register", 1.0)]
    assert set(ended.phase_seconds) == {"fetch", "fit", "register"}
    assert bench.models.registered == [("pumps", b"model")]


async def test_rows_of_the_request_are_used_and_then_thrown_away(tmp_path) -> None:
    bench = Bench(tmp_path)
    ended = await bench.run(source={"rows": 3})
    assert ended.status == "succeeded"
    assert (tmp_path / "data.arrow").read_bytes() == arrow(3)
    assert bench.uploads.kept == {}


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"streams": FakeStreams(refuses="too much")}, "too much"),
        ({"trainer": FakeTrainer(TrainingFailed("no memory"))}, "no memory"),
        ({"models": FakeModels(error=Unavailable("the registry is away"))}, "the registry is away"),
    ],
)
async def test_what_goes_wrong_is_the_reason_of_a_failed_job(tmp_path, parts, reason) -> None:
    bench = Bench(tmp_path, **parts)
    ended = await bench.run()
    assert (ended.status, ended.error, ended.version) == ("failed", reason, None)
    assert bench.uploads.kept == {}


async def test_a_job_that_takes_too_long_is_ended(tmp_path) -> None:
    bench = Bench(tmp_path, trainer=FakeTrainer(outcome=None))
    ended = await bench.run(time_limit_seconds=0.05)
    assert ended.status == "failed"
    assert "time limit of 0.05 s" in ended.error
    assert bench.trainer.ended == 1


async def test_a_time_out_of_something_else_is_not_taken_for_the_limit(tmp_path) -> None:
    with pytest.raises(TimeoutError):
        await Bench(tmp_path, trainer=FakeTrainer(TimeoutError())).run()


async def test_of_a_job_that_is_gone_no_model_is_registered(tmp_path) -> None:
    class Erasing(FakeTrainer):
        async def fit(self, order, on_progress):
            fitted = await super().fit(order, on_progress)
            bench.jobs.jobs.clear()
            return fitted

    bench = Bench(tmp_path, trainer=Erasing())
    with pytest.raises(LeaseLost, match="is gone"):
        await bench.run()
    assert bench.models.registered == []


async def test_a_job_that_belongs_to_another_is_dropped(tmp_path) -> None:
    with pytest.raises(LeaseLost):
        await Bench(tmp_path).run(owner="other")
