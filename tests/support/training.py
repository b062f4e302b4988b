"""What the tests of training stand on: fakes of the ports, and the two services that training calls."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from fastapi import FastAPI, Request, Response

from ad_chassis.errors import NotFound
from ad_chassis.http.problems import install_problems
from ad_chassis.tenants import check_quota
from ad_training.domain.jobs import Job, Sight, Status, claimed
from ad_training.ports import FitOrder, Fitted, OnProgress, StreamFacts, TrainingFailed

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def job(**changes: Any) -> Job:
    fields: dict[str, Any] = {
        "tenant": "default",
        "id": "job-1",
        "model": "pumps",
        "algorithm": "zscore",
        "parameters": {},
        "contamination": 0.05,
        "columns": ("load",),
        "source": {"stream": "pump"},
        "time_limit_seconds": 30.0,
        "memory_limit_mb": 512,
        "requested_by": "me",
        "created_at": NOW,
    }
    return Job(**fields | changes)


class MemoryJobs:
    """Jobs in a dictionary."""

    def __init__(self, *jobs: Job) -> None:
        self.jobs = {(each.tenant, each.id): each for each in jobs}
        self.history: list[Job] = list(jobs)

    async def add(self, job: Job, most: int | None = None) -> bool:
        key = job.tenant, job.id
        if key in self.jobs:
            return False
        check_quota("jobs", most, len(self.jobs), "wait")
        self._store(job)
        return True

    async def get(self, tenant: str, job_id: str) -> Job | None:
        return self.jobs.get((tenant, job_id))

    async def page(
        self, tenant: str, status: Status | None, after: str | None, limit: int, sight: Sight
    ) -> list[Job]:
        return [each for each in self.jobs.values() if each.tenant == tenant and sight.shows(each)][:limit]

    async def change(self, tenant: str, job_id: str, transition: Callable[[Job], Job]) -> Job | None:
        found = self.jobs.get((tenant, job_id))
        return None if found is None else self._store(transition(found))

    async def claim(self, owner: str, now: datetime, lease_until: datetime) -> Job | None:
        queued = [each for each in self.jobs.values() if each.status == "queued"]
        return self._store(claimed(queued[0], owner, now, lease_until)) if queued else None

    async def renew(self, owner: str, jobs: Collection[tuple[str, str]], until: datetime) -> list[Job]:
        held = [self.jobs[key] for key in jobs if self.jobs[key].lease_owner == owner]
        return [self._store(replace(each, lease_until=until)) for each in held]

    async def abandoned(self, now: datetime) -> list[Job]:
        return [each for each in self.jobs.values() if each.lease_until and each.lease_until <= now]

    def _store(self, job: Job) -> Job:
        self.jobs[job.tenant, job.id] = job
        self.history.append(job)
        return job


@dataclass
class FakeStreams:
    known: dict[str, StreamFacts] = field(default_factory=dict)
    refuses: str | None = None

    async def describe(self, tenant: str, stream: str) -> StreamFacts:
        if stream not in self.known:
            raise NotFound(f"there is no stream {stream!r}; valid choices: {', '.join(self.known)}")
        return self.known[stream]

    async def fetch(self, tenant: str, source: dict[str, Any], into: Path) -> None:
        if self.refuses:
            raise TrainingFailed(self.refuses)
        await asyncio.to_thread(into.write_bytes, arrow(10))


@dataclass
class FakeUploads:
    kept: dict[str, bytes] = field(default_factory=dict)

    async def put(self, tenant: str, job_id: str, data: bytes) -> None:
        self.kept[job_id] = data

    async def fetch(self, tenant: str, job_id: str, into: Path) -> None:
        await asyncio.to_thread(into.write_bytes, self.kept[job_id])

    async def discard(self, job: Job) -> None:
        self.kept.pop(job.id, None)


@dataclass
class FakeTrainer:
    """Reports half, then answers, waits for ever or raises."""

    outcome: Fitted | Exception | None = field(
        default_factory=lambda: Fitted(b"model", 10, {"score_mean": 1.0})
    )
    orders: list[FitOrder] = field(default_factory=list)
    ended: int = 0

    async def fit(self, order: FitOrder, on_progress: OnProgress) -> Fitted:
        self.orders.append(order)
        try:
            await on_progress(0.5)
            if self.outcome is None:
                await asyncio.Event().wait()
            if isinstance(self.outcome, Exception):
                raise self.outcome
            assert isinstance(self.outcome, Fitted)
            return self.outcome
        finally:
            self.ended += 1


@dataclass
class FakeModels:
    registered: list[tuple[str, bytes]] = field(default_factory=list)
    error: Exception | None = None

    async def register(self, job: Job, artifact: bytes) -> int:
        if self.error:
            raise self.error
        self.registered.append((job.model, artifact))
        return len(self.registered)


@dataclass
class FakeWorkers:
    woken: int = 0
    cancelled: list[str] = field(default_factory=list)

    def wake(self) -> None:
        self.woken += 1

    def cancel(self, job: Job) -> None:
        self.cancelled.append(job.id)


class OneFolder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        yield self._folder


def arrow(rows: int, seed: int = 0) -> bytes:
    """Records of the stream `pump`, as ingestion answers them."""
    values = np.random.default_rng(seed).normal(size=(rows, 2))
    frame = pl.DataFrame(
        {
            "site": ["a"] * rows,
            "load": values[:, 0],
            "heat": values[:, 1],
            "_id": [f"b/{i}" for i in range(rows)],
        }
    )
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer)
    return buffer.getvalue()


SCHEMA = {
    "entity": "site",
    "timestamp": None,
    "fields": [
        {"name": "site", "type": "string"},
        {"name": "load", "type": "float"},
        {"name": "heat", "type": "float"},
        {"name": "open", "type": "boolean"},
    ],
}


@dataclass
class FakeIngestion:
    """The routes of ingestion that training calls."""

    streams: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            "pump": {"name": "pump", "schema": SCHEMA, "counts": {"accepted": 2000, "rejected": 0}},
            "young": {"name": "young", "schema": None, "counts": {"accepted": 0, "rejected": 0}},
            "texts": {
                "name": "texts",
                "schema": {"fields": [{"name": "note", "type": "string"}]},
                "counts": {"accepted": 5, "rejected": 0},
            },
        }
    )
    body: bytes = field(default_factory=lambda: arrow(2000))
    queries: list[dict[str, str]] = field(default_factory=list)
    tenants: list[str | None] = field(default_factory=list)
    failures: int = 0

    def app(self) -> FastAPI:
        app = FastAPI()
        install_problems(app)

        @app.get("/api/v1/streams")
        async def list_streams() -> dict[str, Any]:
            return {"items": list(self.streams.values()), "next_cursor": None}

        @app.get("/api/v1/streams/{name}")
        async def get_stream(name: str) -> dict[str, Any]:
            if name not in self.streams:
                raise NotFound(f"there is no stream {name!r}")
            return self.streams[name]

        @app.get("/api/v1/streams/{name}/records")
        async def get_records(name: str, request: Request) -> Response:
            self.queries.append(dict(request.query_params))
            self.tenants.append(request.headers.get("X-Tenant"))
            if self.failures:
                self.failures -= 1
                return Response(status_code=503)
            return Response(self.body, media_type="application/vnd.apache.arrow.stream")

        return app


@dataclass
class FakeRegistry:
    """Registers artifacts: the same bytes are the same version."""

    artifacts: list[bytes] = field(default_factory=list)
    calls: list[dict[str, str]] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/api/v1/models/{name}/versions", status_code=201)
        async def register(name: str, request: Request) -> dict[str, Any]:
            body = await request.body()
            content_type = request.headers["content-type"]
            self.calls.append({"name": name, "content_type": content_type, **request.query_params})
            if body not in self.artifacts:
                self.artifacts.append(body)
            version = self.artifacts.index(body) + 1
            return {"name": name, "version": version, "sha256": hashlib.sha256(body).hexdigest()}

        return app
