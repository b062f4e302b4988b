"""Requests become queued jobs, or an answer that says why not."""

import pytest

from ad_chassis.errors import NotFound, Unprocessable
from ad_chassis.tenants import QuotaExceeded, Quotas
from ad_training.domain.requests import Limits, RowsSource, StreamSource, TrainRequest
from ad_training.ports import StreamFacts
from ad_training.usecases.submit_job import submit_job
from tests.support.tenants import FixedTenants
from tests.support.training import FakeStreams, FakeUploads, FakeWorkers, MemoryJobs

STREAMS = FakeStreams(
    {
        "pump": StreamFacts(("load", "heat"), 100),
        "young": StreamFacts(None, 0),
        "few": StreamFacts(("load",), 9),
        "empty": StreamFacts(("load",), 0),
        "texts": StreamFacts((), 90),
    }
)
PUMP = StreamSource("pump")


class Desk:
    def __init__(self) -> None:
        self.jobs, self.uploads, self.workers = MemoryJobs(), FakeUploads(), FakeWorkers()
        self.tenants = FixedTenants()

    async def submit(self, source=PUMP, **changes):
        request = {
            "tenant": "default",
            "job_id": "j",
            "model": "m",
            "algorithm": "zscore",
            "requested_by": "me",
        }
        return await submit_job(
            self.jobs,
            STREAMS,
            self.uploads,
            self.workers,
            Limits(60.0, 600.0, 256, 1024),
            self.tenants,
            TrainRequest(**request | {"source": source} | changes),
        )


async def test_a_good_request_is_queued_with_everything_filled_in() -> None:
    desk = Desk()
    job = await desk.submit(StreamSource("pump", limit=50))
    assert (job.status, job.columns, job.contamination) == ("queued", ("load", "heat"), 0.05)
    assert (job.parameters, job.source) == ({"deviations": 3.0}, {"stream": "pump", "limit": 50})
    assert (job.time_limit_seconds, job.memory_limit_mb, desk.workers.woken) == (60.0, 256, 1)


async def test_the_same_id_again_is_the_same_job() -> None:
    desk = Desk()
    first = await desk.submit()
    again = await desk.submit(StreamSource("nothing"), algorithm="odd")
    assert again == first
    assert desk.workers.woken == 1


async def test_rows_of_the_request_are_kept_for_the_job() -> None:
    desk = Desk()
    job = await desk.submit(RowsSource([{"a": 1, "b": 2}, {"a": 3}] * 5), columns=("a",))
    assert (job.columns, job.source) == (("a",), {"rows": 10})
    assert list(desk.uploads.kept) == ["j"]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"algorithm": "magic"}, "algorithm", "valid choices: isolation_forest, auto"),
        ({"algorithm": "adaptive"}, "algorithm", "a batch one is needed"),
        ({"parameters": {"deviations": -1}}, "parameters", "valid is a number from 0.1 to 100"),
        ({"parameters": {"depth": 1}}, "parameters", "valid parameters: deviations"),
        ({"columns": ("speed",)}, "columns", "valid choices: load, heat"),
        ({"source": StreamSource("young")}, "source.stream", "no records yet"),
        ({"source": StreamSource("few")}, "source.stream", "'few': 9 rows cannot .* at least 10; send more"),
        ({"source": StreamSource("empty")}, "source.stream", "no records yet"),
        ({"source": StreamSource("texts")}, "source", "no numeric column"),
        ({"source": RowsSource([{"a": 1}, {"a": "x"}])}, "source.data.1.a", "not a number"),
        ({"time_limit_seconds": 1e9}, "time_limit_seconds", "at most 600"),
        ({"memory_limit_mb": 10**6}, "memory_limit_mb", "at most 1024"),
    ],
)
async def test_what_cannot_be_is_refused_with_the_field_and_nothing_is_stored(
    changes, field, message
) -> None:
    desk = Desk()
    with pytest.raises(Unprocessable, match=message) as refused:
        await desk.submit(**changes)
    assert [error["field"] for error in refused.value.errors] == [field]
    assert (desk.jobs.jobs, desk.uploads.kept) == ({}, {})


async def test_an_unknown_stream_is_answered_with_those_that_exist() -> None:
    with pytest.raises(NotFound, match="valid choices: pump"):
        await Desk().submit(StreamSource("nothing"))


async def test_more_jobs_than_the_tenant_may_have_are_refused_and_their_rows_are_not_kept() -> None:
    desk = Desk()
    desk.tenants.limits = Quotas(jobs=1)
    await desk.submit()
    with pytest.raises(
        QuotaExceeded, match="the quota 'jobs' of your tenant is 1, and 1 are in use"
    ) as refused:
        await desk.submit(RowsSource([{"load": float(row)} for row in range(50)]), job_id="another")
    assert refused.value.members == {"quota": "jobs", "limit": 1, "use": 1}
    assert (list(desk.jobs.jobs), desk.uploads.kept) == ([("default", "j")], {})
    assert (await desk.submit()).id == "j"
