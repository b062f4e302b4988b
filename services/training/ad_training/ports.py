"""What training needs of the outside."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from ad_chassis.tenants import Quotas
from ad_training.domain.jobs import Job, Sight, Status

OnProgress = Callable[[float], Awaitable[None]]
Transition = Callable[[Job], Job]


class TrainingFailed(Exception):
    """The model cannot be trained; the message is for the one who asked for it."""


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What a request is checked against. `features` is None while the schema is not fixed."""

    features: tuple[str, ...] | None
    accepted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FitOrder:
    """What the training process is told. `data` is an Arrow stream, `folder` is where results go."""

    algorithm: str
    parameters: dict[str, Any]
    contamination: float
    columns: tuple[str, ...]
    data: Path
    folder: Path
    memory_limit_mb: int


@dataclass(frozen=True, slots=True)
class Fitted:
    artifact: bytes
    rows: int
    metrics: dict[str, float]


class JobStore(Protocol):
    """Jobs, each call a transaction of its own; what is news goes out as an event with it."""

    async def add(self, job: Job, most: int | None = None) -> bool:
        """False, and nothing changes, when the tenant has a job of this id already.

        Raises `QuotaExceeded` when as many as `most` are queued or run.
        """

    async def get(self, tenant: str, job_id: str) -> Job | None: ...
    async def page(
        self, tenant: str, status: Status | None, after: str | None, limit: int, sight: Sight
    ) -> list[Job]:
        """Newest first, those that the caller sees. `after` is the id of the last job of the page before."""

    async def change(self, tenant: str, job_id: str, transition: Transition) -> Job | None:
        """The job after the transition; nothing else changes it meanwhile. None when there is no such job."""

    async def claim(self, owner: str, now: datetime, lease_until: datetime) -> Job | None:
        """The oldest queued job, now running and this owner's; no two processes get the same."""

    async def renew(self, owner: str, jobs: Collection[tuple[str, str]], lease_until: datetime) -> list[Job]:
        """Those of the jobs (tenant, id) that are still this owner's, with their lease renewed."""

    async def abandoned(self, now: datetime) -> list[Job]:
        """Running jobs whose lease has run out."""


class Streams(Protocol):
    async def describe(self, tenant: str, stream: str) -> StreamFacts:
        """Raises `NotFound`, with the streams that exist."""

    async def fetch(self, tenant: str, source: dict[str, Any], into: Path) -> None:
        """Writes records in record order as an Arrow stream. Raises `TrainingFailed` when it is too much."""


class Uploads(Protocol):
    """Rows that came with a request, kept until its job has ended."""

    async def put(self, tenant: str, job_id: str, data: bytes) -> None: ...
    async def fetch(self, tenant: str, job_id: str, into: Path) -> None: ...
    async def discard(self, job: Job) -> None:
        """Removes them, if the job had any."""


class Trainer(Protocol):
    async def fit(self, order: FitOrder, on_progress: OnProgress) -> Fitted:
        """Fits in a process of its own, which ends with this call however that ends. Raises `TrainingFailed`."""


class Models(Protocol):
    async def register(self, job: Job, artifact: bytes) -> int:
        """The number of the version."""


class Limited(Protocol):
    """What is known of tenants in every service."""

    def quotas(self, tenant: str) -> Quotas: ...


class Workspace(Protocol):
    def folder(self) -> AbstractAsyncContextManager[Path]:
        """An empty folder that is gone afterwards."""


class Workers(Protocol):
    """The jobs that run in this process."""

    def wake(self) -> None:
        """There may be something in the queue."""

    def cancel(self, job: Job) -> None:
        """Stops the job if it runs here."""
