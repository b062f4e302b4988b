"""Requests that come as events."""

import json

import pytest

from ad_chassis.errors import NotFound, Unavailable, Unprocessable
from ad_chassis.eventlog.errors import Transient
from ad_chassis.eventlog.handler import SilentObserver
from ad_chassis.eventlog.port import Batch, TopicPartition
from ad_contracts.codec import AvroCodec
from ad_contracts.events import TrainingProgressed, TrainingRequested
from ad_training.api.consumers import RequestHandler
from tests.support.training import MemoryJobs, job

CODEC = AvroCodec()
SOURCE = TopicPartition("training.requests", 0)


class Stored:
    def __init__(self, offset: int, value: bytes) -> None:
        self.offset, self.value, self.timestamp, self.key, self.headers = offset, value, 0, None, ()


class Poisoned(SilentObserver):
    def __init__(self) -> None:
        self.reasons: list[str] = []

    def poisoned(self, source, reason) -> None:
        self.reasons.append(reason)


def requested(**changes) -> bytes:
    fields = {
        "tenant": "default",
        "job_id": "e1",
        "model": "pumps",
        "algorithm": "zscore",
        "parameters_json": "",
        "source_json": json.dumps({"stream": "pump", "columns": ["load"]}),
        "requested_by": "them",
        "requested_time_ms": 0,
    }
    return CODEC.encode(TrainingRequested(**fields | changes))


class Desk:
    def __init__(self, error: Exception | None = None) -> None:
        self.requests, self.jobs, self.observer, self.error = [], MemoryJobs(), Poisoned(), error

    async def submit(self, request):
        if self.error:
            raise self.error
        self.requests.append(request)
        return job()

    async def handle(self, *values: bytes) -> None:
        handler = RequestHandler(self.jobs, self.submit, CODEC, self.observer)
        await handler.handle(Batch(SOURCE, [Stored(offset, value) for offset, value in enumerate(values)]))


async def test_an_event_is_a_request_with_the_id_of_the_event() -> None:
    desk = Desk()
    await desk.handle(requested(parameters_json='{"deviations": 2}', contamination=0.1))
    [request] = desk.requests
    assert (request.job_id, request.tenant, request.columns) == ("e1", "default", ("load",))
    assert (request.parameters, request.contamination) == ({"deviations": 2}, 0.1)
    assert request.source.stream == "pump"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"source_json": "{"}, "not valid JSON"),
        ({"source_json": "[]"}, "source"),
        ({"source_json": "{}"}, "give either 'stream' or 'data'"),
        ({"model": "Bad name"}, "model"),
        ({"contamination": 0.9}, "contamination: Input should be less than or equal to 0.5"),
    ],
)
async def test_a_request_that_cannot_be_read_is_a_failed_job(changes, reason) -> None:
    desk = Desk()
    await desk.handle(requested(**changes))
    found = desk.jobs.jobs["default", "e1"]
    assert found.status == "failed"
    assert reason in found.error


@pytest.mark.parametrize("error", [NotFound("no such stream"), Unprocessable("no such algorithm")])
async def test_a_request_that_is_refused_is_a_failed_job(error) -> None:
    desk = Desk(error)
    await desk.handle(requested())
    assert desk.jobs.jobs["default", "e1"].error == str(error)


async def test_while_another_service_is_away_the_event_waits() -> None:
    desk = Desk(Unavailable("ingestion is away"))
    with pytest.raises(Transient, match="ingestion is away"):
        await desk.handle(requested())
    assert desk.jobs.jobs == {}


async def test_garbage_is_counted_and_the_rest_goes_on() -> None:
    other = TrainingProgressed(
        tenant="t", job_id="j", model="m", state="s", step="s", progress=0.0, event_time_ms=0
    )
    desk = Desk()
    await desk.handle(b"garbage", CODEC.encode(other), requested(job_id="../x"), requested(job_id="e9"))
    assert len(desk.observer.reasons) == 3
    assert [request.job_id for request in desk.requests] == ["e9"]
