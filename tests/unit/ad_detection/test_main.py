"""Detection as a whole, on the embedded log, with a registry that holds two versions of a model."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from fastapi import FastAPI, Response
from msgspec import structs
from prometheus_client.parser import text_string_to_metric_families

from ad_chassis.eventlog.port import Message
from ad_chassis.health import Health
from ad_chassis.hosting import hosted
from ad_chassis.http.problems import install_problems
from ad_chassis.platform import Platform
from ad_chassis.service import Service
from ad_chassis.testing.auth import FakeAuth
from ad_chassis.testing.platform import embedded_settings
from ad_contracts.events import ChallengerVersion, DeploymentChanged, StreamChanged
from ad_detection import main
from ad_detection.domain import residents
from ad_detection.main import build
from ad_detection.settings import DetectionSettings
from ad_detectors.artifact import SigningKey, save_bytes
from ad_detectors.artifact.keyring import KeyRing
from ad_detectors.model import Model
from tests.support.meters import METERS, readings
from tests.support.records import SENSORS, TOPIC, Stored, sensor_records, stored

STREAM = StreamChanged(
    tenant="default",
    stream="sensors",
    revision=1,
    deleted=False,
    topic=TOPIC,
    schema_json=SENSORS.to_json(),
    settings_json='{"publish_scores": true}',
    changed_time_ms=0,
)


def trained(factor: float) -> Model:
    rows = np.random.default_rng(1).normal((10.0, 50.0), (1.0, 5.0), (300, 2))
    return Model.train("zscore", rows * factor, ["load", "heat"])


def registry(platform: Platform) -> Service:
    """Version 3 was signed by a stranger."""
    own, stranger = KeyRing(platform.keys_dir).signing(), SigningKey.generate()
    versions = {
        1: save_bytes(trained(1), own),
        2: save_bytes(trained(2), own),
        3: save_bytes(trained(3), stranger),
    }
    app = FastAPI()
    install_problems(app)
    app.state.health = Health("test")

    @app.get("/api/v1/models/pumps/versions/{version}/artifact")
    async def artifact(version: int) -> Response:
        return Response(versions[version], media_type="application/zip")

    return Service("model_registry", app)


@dataclass
class Running:
    platform: Platform
    http: httpx2.AsyncClient
    auth: FakeAuth

    async def publish(self, *messages: Message) -> None:
        await self.platform.event_log.publish(messages)

    async def tell(self, *events: Any) -> None:
        encode = self.platform.codec.encode
        key = b"default/sensors"
        topics = {StreamChanged: "streams", DeploymentChanged: "deployments"}
        await self.publish(*(Message(topics[type(event)], encode(event), key) for event in events))

    async def send(self, records: list[Stored]) -> None:
        await self.publish(
            *(Message(TOPIC, record.value, b"sensors", record.headers, partition=2) for record in records)
        )

    async def deploy(self, revision: int, version: int | None, *challengers: int) -> None:
        model = "pumps" if version else None
        shadow = [ChallengerVersion(model="pumps", version=each, artifact_sha256="") for each in challengers]
        await self.tell(
            DeploymentChanged(
                tenant="default", stream="sensors", revision=revision, model=model, version=version,
                changed_by="me", changed_time_ms=0, challengers=shadow,
            )
        )  # fmt: skip

    async def switch(self, revision: int, version: int | None) -> None:
        """Deploys, and sends single records until one is scored by that version."""
        await self.deploy(revision, version)
        reference = f"pumps@{version}" if version else None
        async with asyncio.timeout(20):
            while True:
                before = len(await self.scores())
                await self.send(sensor_records(1))
                if (await scored(self, before + 1))[-1]["model_version"] == reference:
                    return

    async def scores(self) -> list[dict[str, Any]]:
        items, cursor = [], None
        while True:
            query = {"stream": "sensors", "limit": 70} | ({"cursor": cursor} if cursor else {})
            page = (await self.http.get("/api/v1/scores", params=query)).json()
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items

    async def anomalies(self, **query: Any) -> list[dict[str, Any]]:
        return (await self.http.get("/api/v1/anomalies", params=query)).json()["items"]


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def scored(running: Running, count: int) -> list[dict[str, Any]]:
    async def enough() -> bool:
        return len(await running.scores()) >= count

    await until(enough)
    return await running.scores()


def without_times(scores: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """These records have no time of their own, so their time is when they were stored."""
    return [{name: value for name, value in each.items() if name != "time"} for each in scores]


@asynccontextmanager
async def detection(folder: Path, **settings_of_test: Any) -> AsyncIterator[Running]:
    auth = FakeAuth()

    def auth_service(_platform: Platform) -> Service:
        app = auth.app()
        app.state.health = Health("test")
        return Service("auth", app)

    settings = DetectionSettings(snapshot_every_records=150, max_poll_records=100, **settings_of_test)
    builds = [auth_service, registry, lambda platform: build(platform, settings)]
    async with (
        hosted(builds, embedded_settings(folder), edge="detection") as host,
        httpx2.AsyncClient(base_url=host.url, headers=auth.headers(), timeout=60) as http,
    ):
        yield Running(host.platform, http, auth)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with detection(tmp_path) as running:
        await running.tell(STREAM)
        yield running


async def test_every_record_is_scored_once_and_anomalies_are_stored_with_their_reasons(
    running: Running,
) -> None:
    await running.send(sensor_records(600, spikes=[550]))
    found = await scored(running, 600)
    assert [each["record_id"] for each in found] == [f"{TOPIC}/2/{row}/0" for row in range(600)]

    async def stored_one() -> bool:
        return any(each["offset"] == 550 for each in await running.anomalies(stream="sensors"))

    await until(stored_one)
    [anomaly] = [each for each in await running.anomalies(entity="s1") if each["offset"] == 550]
    assert (await running.http.get(f"/api/v1/anomalies/{anomaly['id']}")).json() == anomaly
    assert anomaly["event_time"].endswith("Z")
    [episode] = (await running.http.get("/api/v1/episodes", params={"severity": "low"})).json()["items"]
    assert episode["id"] == episode["peak"]["anomaly_id"] == anomaly["episode_id"] == anomaly["id"]
    assert episode["start_time"] == episode["end_time"] == anomaly["event_time"]
    assert (await running.http.get(f"/api/v1/episodes/{episode['id']}")).json() == episode
    assert (await running.http.get("/api/v1/episodes/none")).status_code == 404
    assert await running.anomalies(episode=episode["id"], kind="record") == [anomaly]
    assert await running.anomalies(kind="silence") == []
    missing = await running.http.get("/api/v1/anomalies", params={"stream": "others"})
    assert missing.status_code == 404


async def test_a_restart_goes_on_where_it_was_with_the_same_scores(tmp_path: Path) -> None:
    records = sensor_records(500, spikes=[400])
    async with detection(tmp_path / "whole") as whole:
        await whole.tell(STREAM)
        await whole.send(records)
        expected = await scored(whole, 500)
    async with detection(tmp_path / "parts") as first:
        await first.tell(STREAM)
        await first.send(records[:333])
        await scored(first, 333)
    async with detection(tmp_path / "parts") as second:
        await second.send(records[333:])
        assert without_times(await scored(second, 500)) == without_times(expected)


async def test_entities_held_evicted_refused_and_cold_are_counted_by_stream(tmp_path: Path) -> None:
    limited = structs.replace(STREAM, settings_json='{"publish_scores": true, "max_entities": 10}')
    crowd = [*range(12), *range(9, 12)]
    bodies = [{"sensor": f"s{number}", "load": 1.0, "heat": 1.0} for number in crowd]
    async with detection(tmp_path) as running:
        await running.tell(limited)
        await running.send([stored(row, body) for row, body in enumerate(bodies)])
        await scored(running, len(crowd))
        text = (await running.http.get("/metrics")).text
    families = text_string_to_metric_families(text)
    found = {
        sample.name.removeprefix("anomaly_detection_"): (sample.labels, sample.value)
        for family in families
        for sample in family.samples
        if "entities" in sample.name or "refused" in sample.name or "cold" in sample.name
    }
    assert found["entities"] == ({"dataset": "sensors", "tenant": "default", "partition": "2"}, 10)
    assert found["entities_evicted_total"] == ({"dataset": "sensors", "tenant": "default"}, 2)
    assert found["records_refused_total"] == ({"dataset": "sensors", "tenant": "default"}, 3)
    assert found["records_cold_total"] == ({"dataset": "sensors", "tenant": "default"}, len(crowd))


async def test_a_limit_of_memory_is_kept_with_the_same_scores_and_told_in_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(residents, "FLOOR_BYTES", 1)
    monkeypatch.setattr(main, "MEGABYTE", 1_000)
    records = sensor_records(300, spikes=[250], sensors=40)
    async with detection(tmp_path / "whole") as whole:
        await whole.tell(STREAM)
        await whole.send(records)
        expected = await scored(whole, 300)
    async with detection(tmp_path / "limited", memory_mb=50) as first:
        await first.tell(STREAM)
        await first.send(records[:200])
        await scored(first, 200)
    async with detection(tmp_path / "limited", memory_mb=50) as limited:
        await limited.send(records[200:])
        assert without_times(await scored(limited, 300)) == without_times(expected)
        text = (await limited.http.get("/metrics")).text
    found = {
        sample.name: sample.value for each in text_string_to_metric_families(text) for sample in each.samples
    }
    assert 0 < found["anomaly_detection_state_resident_bytes"] < 60_000
    assert found["anomaly_detection_state_spilled_bytes"] > 50_000
    assert found["anomaly_detection_entities_spilled_total"] > 0
    assert found["anomaly_detection_entities_returned_total"] > 0


async def test_late_records_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    settings = '{"publish_scores": true, "allowed_lateness_seconds": 60}'
    metered = structs.replace(STREAM, schema_json=METERS.to_json(), settings_json=settings)
    async with detection(tmp_path) as running:
        await running.tell(metered)
        await running.send(readings([("a", 100), ("b", 50), ("a", 0), ("b", 101)], stream="sensors"))
        assert [each["late"] for each in await scored(running, 3)] == [False, True, False]
        text = (await running.http.get("/metrics")).text
    assert 'records_late_total{dataset="sensors",outcome="scored",tenant="default"} 1.0' in text
    assert 'records_late_total{dataset="sensors",outcome="rejected",tenant="default"} 1.0' in text


async def test_a_stream_that_stops_as_a_whole_is_told_of_once_and_the_next_record_ends_it(
    tmp_path: Path,
) -> None:
    quiet = structs.replace(
        STREAM, stream="meters", schema_json=METERS.to_json(), settings_json='{"silence_seconds": 1}'
    )
    async with detection(tmp_path) as running:
        await running.tell(quiet)
        await running.send(readings([("a", 0), ("b", 0.5)]))

        async def both() -> bool:
            return len(await running.anomalies(kind="silence")) == 2

        await until(both)
        found = await running.anomalies(kind="silence")
        assert {each["entity"] for each in found} == {"a", "b"}
        assert all(1 < each["value"]["silence_seconds"] < 20 for each in found)
        await asyncio.sleep(2.5)
        assert await running.anomalies(kind="silence") == found


async def test_models_are_switched_rolled_back_and_withdrawn_while_records_flow(running: Running) -> None:
    await running.send(sensor_records(50))
    await scored(running, 50)
    for revision, version in enumerate([1, 2, 1, None], start=1):
        await running.switch(revision, version)
        await running.send(sensor_records(50))
    sent = sum((await running.platform.event_log.end_offsets(TOPIC)).values())
    found = await scored(running, sent)
    assert len({each["record_id"] for each in found}) == len(found) == sent
    versions = [version for version, _ in groupby(each["model_version"] for each in found)]
    assert versions == [None, "pumps@1", "pumps@2", "pumps@1", None]


async def test_a_model_signed_by_a_stranger_is_never_used(running: Running) -> None:
    await running.switch(1, 1)
    before = len(await running.scores())
    await running.deploy(2, 3)
    await running.deploy(3, 2)
    await running.switch(4, 1)
    versions = {each["model_version"] for each in (await running.scores())[before:]}
    assert versions <= {"pumps@1", "pumps@2"}


async def test_records_that_come_before_their_stream_is_known_here_wait_for_it(tmp_path: Path) -> None:
    async with detection(tmp_path) as running:
        await running.tell(STREAM)
        await running.send(sensor_records(30))
        assert len(await scored(running, 30)) == 30


async def test_a_bad_record_is_told_on_the_topic_of_rejected_ones(running: Running) -> None:
    records = sensor_records(20)
    records[7] = stored(7, b"\xc3\x01garbage")
    await running.send(records)
    assert len(await scored(running, 19)) == 19
    ends = await running.platform.event_log.end_offsets("rejected.default")
    assert sum(ends.values()) == 1


async def test_rows_are_scored_at_once_and_bad_requests_are_explained(running: Running) -> None:
    rows = [{"a": value} for value in [*range(30), 500]]
    good = await running.http.post("/api/v1/detect", json={"data": rows, "contamination": 0.04})
    assert good.status_code == 200
    assert [each["row"] for each in good.json()["results"] if each["label"]] == [30]
    assert good.json()["results"][30]["contributions"]
    for body, status, word in [
        ({"data": rows, "contamination": 0.9}, 422, "contamination"),
        ({"data": []}, 422, "data"),
        ({"data": rows, "algorithm": "magic"}, 422, "valid choices"),
        ({"data": rows, "model": "pumps@1", "algorithm": "iqr"}, 422, "model"),
        ({"data": rows, "colour": "red"}, 422, "colour"),
    ]:
        answer = await running.http.post("/api/v1/detect", json=body)
        assert (answer.status_code, word in answer.text) == (status, True), answer.text


async def test_the_scores_of_a_request_are_those_of_the_stream(running: Running) -> None:
    await running.switch(1, 1)
    before = len(await running.scores())
    await running.send(sensor_records(40))
    streamed = [each["score"] for each in (await scored(running, before + 40))[before:]]
    values = np.random.default_rng(0).normal((10.0, 50.0), (1.0, 5.0), size=(40, 2)).tolist()
    rows = [{"load": load, "heat": heat} for load, heat in values]
    answer = await running.http.post("/api/v1/detect", json={"data": rows, "model": "pumps@1"})
    assert [each["score"] for each in answer.json()["results"]] == streamed


async def test_pages_of_anomalies_follow_each_other(running: Running) -> None:
    await running.send(sensor_records(2000, spikes=range(300, 2000, 100)))
    await scored(running, 2000)

    async def several() -> bool:
        return len(await running.anomalies(limit=1000)) > 2

    await until(several)
    whole = await running.anomalies(limit=1000)
    items, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await running.http.get("/api/v1/anomalies", params=query)).json()
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert items == whole
    assert len(whole) > 2
    assert (await running.http.get("/api/v1/anomalies", params={"cursor": "x"})).status_code == 400


async def test_the_catalogue_is_shown_with_its_parameters(running: Running) -> None:
    names = {each["name"] for each in (await running.http.get("/api/v1/detectors")).json()}
    assert {"isolation_forest", "zscore", "iqr", "adaptive"} <= names


async def test_scores_of_a_stream_that_the_caller_does_not_see_are_not_there(running: Running) -> None:
    await running.send(sensor_records(10))
    await scored(running, 10)
    for streams, status in ((["sensors"], 200), (["pumps"], 404), ([], 404)):
        headers = running.auth.headers(streams=streams)
        page = await running.http.get("/api/v1/scores", params={"stream": "sensors"}, headers=headers)
        assert page.status_code == status
