"""Training over REST and events, with real processes that fit."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from ad_chassis.eventlog.port import Message
from ad_chassis.lifecycle import started
from ad_contracts.events import TrainingFinished, TrainingRequested
from ad_detectors.artifact import load_bytes
from ad_detectors.artifact.keyring import KeyRing
from ad_training.main import build
from ad_training.settings import TrainingSettings
from tests.support.registry import published

BODY = {"model": "pumps", "algorithm": "isolation_forest", "source": {"stream": "pump"}}
SLOW = {"trees": 10_000, "sample": 1_000_000}


@pytest.fixture
async def client(platform, auth, ingestion, registry) -> AsyncIterator[httpx2.AsyncClient]:
    service = build(platform, TrainingSettings(max_jobs=1, poll_seconds=0.1))
    async with (
        started([service]),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(service.app),
            base_url="http://training/api/v1",
            headers=auth.headers(),
        ) as client,
    ):
        yield client


async def posted(client, **changes) -> dict:
    answer = await client.post("/train", json=BODY | changes)
    assert answer.status_code == 202, answer.text
    return answer.json()


async def ended(client, job_id: str) -> dict:
    async with asyncio.timeout(30):
        while True:
            job = (await client.get(f"/train/{job_id}")).json()
            if job["finished_at"]:
                return job
            await asyncio.sleep(0.02)


async def fitting(client, job_id: str) -> None:
    async with asyncio.timeout(30):
        while (await client.get(f"/train/{job_id}")).json()["phase"] != "fit":
            await asyncio.sleep(0.02)


async def told(platform) -> list:
    """All events up to the end of a job: they are published right after the row is stored."""
    async with asyncio.timeout(10):
        while True:
            events = await published(platform, "training.events")
            if events and isinstance(events[-1], TrainingFinished):
                return events
            await asyncio.sleep(0.02)


async def test_a_model_is_trained_on_a_stream_and_registered(client, platform, ingestion, registry) -> None:
    source = {"stream": "pump", "from": "2026-01-01T00:00:00", "to": "2026-02-01T00:00:00Z", "limit": 2000}
    answer = await client.post("/train", json=BODY | {"source": source})
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/v1/train/{answer.json()['id']}"
    job = await ended(client, answer.json()["id"])
    assert (job["status"], job["error"], job["version"], job["rows"]) == ("succeeded", None, 1, 2000)
    [query] = ingestion.queries
    assert (query["from"], query["limit"]) == ("2026-01-01T00:00:00+00:00", "2000")
    assert (job["progress"], set(job["phase_seconds"])) == (1.0, {"fetch", "fit", "register"})
    assert registry.calls[0] == {"name": "pumps", "content_type": "application/zip", "job_id": job["id"]}
    model = load_bytes(registry.artifacts[0], KeyRing(platform.keys_dir).trusted())
    assert (model.algorithm, model.feature_names) == ("isolation_forest", ("load", "heat"))
    *progress, last = await told(platform)
    assert (last.outcome, last.version, last.rows) == ("succeeded", 1, 2000)
    assert [event.step for event in progress[:3]] == ["queued", "queued", "fetch"]


async def test_the_same_rows_and_parameters_are_the_same_version(client, registry) -> None:
    rows = [{"a": number % 7, "b": number % 5} for number in range(50)]
    jobs = [await posted(client, algorithm="zscore", source={"data": rows}) for _ in range(2)]
    done = [await ended(client, job["id"]) for job in jobs]
    assert [job["version"] for job in done] == [1, 1]
    assert done[0]["source"] == {"rows": 50}


async def test_a_long_job_is_cancelled_and_others_go_on_meanwhile(client, registry) -> None:
    long = await posted(client, parameters=SLOW)
    waiting = await posted(client)
    await fitting(client, long["id"])
    assert (await client.get(f"/train/{waiting['id']}")).json()["status"] == "queued"
    assert (await client.post(f"/train/{waiting['id']}/cancel")).json()["status"] == "cancelled"
    answer = await client.delete(f"/train/{long['id']}")
    assert (answer.status_code, answer.json()["cancel_requested"]) == (202, True)
    assert (await ended(client, long["id"]))["status"] == "cancelled"
    assert (await client.delete(f"/train/{long['id']}")).status_code == 409
    assert registry.calls == []
    listed = (await client.get("/train", params={"status": "cancelled", "limit": 1})).json()
    assert [job["id"] for job in listed["items"]] == [waiting["id"]]
    following = {"cursor": listed["next_cursor"], "limit": 5}
    assert [job["id"] for job in (await client.get("/train", params=following)).json()["items"]] == [
        long["id"]
    ]


async def test_the_time_limit_ends_a_job(client) -> None:
    job = await posted(client, parameters=SLOW, time_limit_seconds=1)
    assert "time limit of 1 s" in (await ended(client, job["id"]))["error"]


async def test_an_event_is_the_same_request_and_counts_once(client, platform, auth) -> None:
    event = TrainingRequested(
        tenant="acme",
        job_id="e1",
        model="pumps",
        algorithm="magic",
        parameters_json="{}",
        source_json='{"stream": "pump"}',
        requested_by="them",
        requested_time_ms=0,
    )
    message = Message("training.requests", platform.codec.encode(event), key=b"acme/e1")
    await platform.event_log.publish([message, message])
    headers = auth.headers(tenant="acme")
    async with asyncio.timeout(10):
        while (await client.get("/train/e1", headers=headers)).status_code == 404:
            await asyncio.sleep(0.02)
    assert "valid choices" in (await client.get("/train/e1", headers=headers)).json()["error"]
    assert len(await told(platform)) == 1
    assert (await client.get("/train/e1")).status_code == 404


async def test_the_same_idempotency_key_is_the_same_job(client) -> None:
    twice = [
        (
            await client.post("/train", json=BODY | {"parameters": SLOW}, headers={"Idempotency-Key": "k"})
        ).json()
        for _ in range(2)
    ]
    assert twice[0]["id"] == twice[1]["id"]


@pytest.mark.parametrize(
    ("changes", "status", "field", "words"),
    [
        ({"source": {"stream": "pumpe"}}, 404, None, "valid choices: pump, young, texts"),
        ({"source": {"stream": "young"}}, 422, "source.stream", "no records yet"),
        ({"source": {"stream": "texts"}}, 422, "source", "no numeric column"),
        ({"source": {"data": []}}, 422, "source.data", "at least 1 item"),
        ({"source": {}}, 422, "source", "either 'stream' or 'data'"),
        ({"source": {"data": [{"a": 1}], "limit": 3}}, 422, "source", "leave them out"),
        ({"algorithm": "magic"}, 422, "algorithm", "valid choices: isolation_forest"),
        ({"parameters": {"trees": 0}}, 422, "parameters", "from 1 to 10000"),
        ({"contamination": 0.6}, 422, "contamination", "less than or equal to 0.5"),
        ({"columns": ["site"]}, 422, "columns", "valid choices: load, heat"),
        ({"model": "My Model"}, 422, "model", "pattern"),
        ({"colour": "red"}, 422, "colour", "not known"),
    ],
)
async def test_bad_requests_are_answered_with_the_field_and_the_choices(
    client, changes, status, field, words
) -> None:
    answer = await client.post("/train", json=BODY | changes)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.text
    assert [error["field"] for error in answer.json().get("errors", [])] == ([field] if field else [])
    assert (await client.get("/train")).json()["items"] == []


async def test_readers_read_and_only_writers_train(client, auth) -> None:
    reader = auth.headers(permissions=["read"])
    assert (await client.post("/train", json=BODY, headers=reader)).status_code == 403
    assert (await client.get("/train", headers=reader)).status_code == 200
    assert (await client.delete("/train/x", headers=reader)).status_code == 403
    assert (await client.get("/train", headers={"Authorization": ""})).status_code == 401
    assert (await client.get("/train/nothing")).status_code == 404
    assert (await client.delete("/train/nothing")).status_code == 404


async def test_jobs_on_other_streams_are_not_there_for_who_is_bound(client, auth) -> None:
    job = await posted(client)
    for streams, seen in ((["pump"], True), (["mill"], False), ([], False)):
        bound = auth.headers(streams=streams, subject="bob")
        listed = (await client.get("/train", headers=bound)).json()["items"]
        assert [each["id"] for each in listed] == ([job["id"]] if seen else [])
        answer = await client.get(f"/train/{job['id']}", headers=bound)
        assert answer.status_code == (200 if seen else 404)
    for method, path in (("POST", f"/train/{job['id']}/cancel"), ("DELETE", f"/train/{job['id']}")):
        assert (await client.request(method, path, headers=bound)).status_code == 404


async def test_who_is_bound_trains_on_their_own_streams_and_learns_of_no_other(client, auth) -> None:
    bound = auth.headers(streams=["pump", "gone"])
    for stream in ("young", "gone", "nowhere"):
        answer = await client.post("/train", json=BODY | {"source": {"stream": stream}}, headers=bound)
        assert (answer.status_code, "valid choices" in answer.text) == (404, False)
    assert (await client.post("/train", json=BODY, headers=bound)).status_code == 202


async def test_the_idempotency_key_of_a_job_that_the_caller_does_not_see_shows_nothing_of_it(
    client, auth
) -> None:
    key = {"Idempotency-Key": "one"}
    assert (await client.post("/train", json=BODY, headers=key)).status_code == 202
    rows = {"data": [{"load": float(row % 7)} for row in range(200)]}
    bound = auth.headers(streams=["mill"], subject="bob")
    answer = await client.post("/train", json=BODY | {"source": rows}, headers=bound | key)
    assert answer.status_code == 409
    mine = (await client.post("/train", json=BODY | {"source": rows}, headers=bound)).json()
    assert [each["id"] for each in (await client.get("/train", headers=bound)).json()["items"]] == [
        mine["id"]
    ]
