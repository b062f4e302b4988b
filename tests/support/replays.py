"""Ingestion and detection in one process, with a stream whose records stand in log and lake."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from fastapi import FastAPI, Response

from ad_chassis.health import Health
from ad_chassis.hosting import hosted
from ad_chassis.http.problems import install_problems
from ad_chassis.platform import Platform
from ad_chassis.service import Service
from ad_chassis.testing.auth import FakeAuth
from ad_chassis.testing.platform import embedded_settings
from ad_detection.main import build as build_detection
from ad_detection.settings import DetectionSettings
from ad_detectors.artifact import save_bytes
from ad_detectors.artifact.keyring import KeyRing
from ad_detectors.model import Model
from ad_ingestion.main import build as build_ingestion

STREAM = "sensors"
SCHEMA = {
    "fields": [
        {"name": "at", "type": "timestamp"},
        {"name": "sensor", "type": "string"},
        {"name": "load", "type": "float"},
        {"name": "heat", "type": "float"},
    ],
    "entity": "sensor",
    "timestamp": "at",
}
BEGIN = np.datetime64("2026-11-01T00:00:00.000")
Rows = list[dict[str, Any]]


def at(second: int) -> str:
    return f"{BEGIN + np.timedelta64(second, 's')}Z"


def rows(count: int, spikes: Sequence[int] = (), sensors: int = 5) -> Rows:
    """One record a second of a few sensors; a jump at each of the given places."""
    values = np.random.default_rng(3).normal((10.0, 50.0), (1.0, 5.0), size=(count, 2))
    values[list(spikes)] += 100.0
    return [
        {"at": at(row), "sensor": f"s{row % sensors}", "load": load, "heat": heat}
        for row, (load, heat) in enumerate(values.tolist())
    ]


@dataclass
class Replays:
    """What a user can call: the stream with its records, and replays of it."""

    platform: Platform
    ingestion: httpx2.AsyncClient
    http: httpx2.AsyncClient
    auth: FakeAuth

    async def create(self, stream: str = STREAM) -> None:
        body = {"name": stream, "schema": SCHEMA}
        assert (await self.ingestion.post("/api/v1/streams", json=body)).is_success

    async def send(self, records: Rows, size: int = 400, stream: str = STREAM) -> None:
        for start in range(0, len(records), size):
            body = json.dumps(records[start : start + size])
            path = f"/api/v1/streams/{stream}/records"
            headers = {"content-type": "application/json"}
            answer = await self.ingestion.post(path, content=body, headers=headers)
            assert answer.json()["accepted"] == len(records[start : start + size]), answer.text

    async def live(self, count: int) -> Rows:
        """The anomalies of the live path, once it has told of as many."""
        async with asyncio.timeout(30):
            while True:
                answer = await self.http.get("/api/v1/anomalies", params={"limit": 1000})
                if len(answer.json()["items"]) >= count:
                    return answer.json()["items"]
                await asyncio.sleep(0.05)

    async def start(self, **body: Any) -> dict[str, Any]:
        answer = await self.http.post("/api/v1/replays", json={"stream": STREAM} | body)
        assert answer.status_code == 202, answer.text
        assert answer.headers["location"] == f"/api/v1/replays/{answer.json()['id']}"
        return answer.json()

    async def run(self, **body: Any) -> dict[str, Any]:
        """A replay after its end."""
        replay = await self.start(**body)
        async with asyncio.timeout(60):
            while replay["state"] in {"queued", "running"}:
                await asyncio.sleep(0.05)
                replay = (await self.http.get(f"/api/v1/replays/{replay['id']}")).json()
        return replay

    async def listed(self, **asked: Any) -> Rows:
        """The stored anomalies."""
        answer = await self.http.get("/api/v1/anomalies", params={"limit": 1000} | asked)
        return answer.json()["items"]

    async def publish(self, replay: dict[str, Any], configuration: str = "a") -> dict[str, Any]:
        """The replay after the end of its publication, when what was published is stored."""
        address = f"/api/v1/replays/{replay['id']}"
        answer = await self.http.post(f"{address}/publish", json={"configuration": configuration})
        assert answer.status_code == 202, answer.text
        async with asyncio.timeout(60):
            while (replay := (await self.http.get(address)).json())["publication"]["state"] == "running":
                await asyncio.sleep(0.05)
            ends = await self.platform.event_log.end_offsets("anomalies.default")
            while len(await self.listed(superseded=True)) < sum(ends.values()):
                await asyncio.sleep(0.05)
        return replay

    async def anomalies(self, replay: dict[str, Any], configuration: str = "a", limit: int = 1000) -> Rows:
        items: Rows = []
        query: dict[str, Any] = {"configuration": configuration, "limit": limit}
        while True:
            answer = await self.http.get(f"/api/v1/replays/{replay['id']}/anomalies", params=query)
            items += answer.json()["items"]
            if answer.json()["next_cursor"] is None:
                return items
            query["cursor"] = answer.json()["next_cursor"]


def registry(platform: Platform) -> Service:
    """Two versions of a model of the stream; the second one alerts less."""
    values = np.random.default_rng(1).normal((10.0, 50.0), (1.0, 5.0), (500, 2))
    key = KeyRing(platform.keys_dir).signing()
    models = [Model.train("zscore", values, ["load", "heat"], contamination=share) for share in (0.05, 0.01)]
    app = FastAPI()
    install_problems(app)
    app.state.health = Health("test")

    @app.get("/api/v1/models/pumps/versions/{version}/artifact")
    async def artifact(version: int) -> Response:
        return Response(save_bytes(models[version - 1], key), media_type="application/zip")

    return Service("model_registry", app)


@asynccontextmanager
async def replaying(folder: Path, **settings: Any) -> AsyncIterator[Replays]:
    auth = FakeAuth()

    def auth_service(_platform: Platform) -> Service:
        app = auth.app()
        app.state.health = Health("test")
        return Service("auth", app)

    chosen = DetectionSettings(**settings)
    builds = [
        auth_service,
        registry,
        build_ingestion,
        lambda platform: build_detection(platform, chosen),
    ]
    async with hosted(builds, embedded_settings(folder), edge="detection") as host:
        transport = httpx2.ASGITransport(host.platform._apps["ingestion"])
        options = {"headers": auth.headers(), "timeout": 60}
        async with (
            httpx2.AsyncClient(base_url=host.url, **options) as http,
            httpx2.AsyncClient(base_url="http://ingestion", transport=transport, **options) as ingestion,
        ):
            yield Replays(host.platform, ingestion, http, auth)
