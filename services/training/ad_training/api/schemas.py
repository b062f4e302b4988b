"""Bodies and answers of training."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ad_chassis.http import Body
from ad_chassis.http.moments import Moment
from ad_training.domain.jobs import Job, Phase, Status
from ad_training.domain.requests import RowsSource, StreamSource, TrainRequest

MAX_ROWS = 100_000
NAME = r"^[a-z][a-z0-9_-]{0,62}$"
Name = Annotated[str, Field(pattern=NAME)]


class Source(Body):
    """Records of a `stream` (from ≤ event time < to, the first `limit`), or rows that come along as `data`."""

    stream: Name | None = None
    from_: Annotated[Moment | None, Field(alias="from")] = None
    to: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    data: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_ROWS)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.stream is None) == (self.data is None):
            raise ValueError("give either 'stream' or 'data'")
        if self.data is not None and (self.from_ or self.to or self.limit):
            raise ValueError(
                "'from', 'to' and 'limit' choose records of a stream; leave them out with 'data'"
            )
        return self

    def in_domain(self) -> StreamSource | RowsSource:
        if self.data is not None:
            return RowsSource(self.data)
        return StreamSource(self.stream or "", _zoned(self.from_), _zoned(self.to), self.limit)


class TrainBody(Body):
    model: Name
    algorithm: Annotated[str, Field(max_length=63)] = "isolation_forest"
    source: Source
    parameters: Annotated[dict[str, Any], Field(default_factory=dict)]
    contamination: Annotated[float, Field(ge=0.01, le=0.5)] | None = None
    columns: Annotated[list[str], Field(min_length=1)] | None = None
    time_limit_seconds: Annotated[float, Field(ge=1)] | None = None
    memory_limit_mb: Annotated[int, Field(ge=16)] | None = None

    def in_domain(self, tenant: str, job_id: str, requested_by: str) -> TrainRequest:
        return TrainRequest(
            tenant=tenant,
            job_id=job_id,
            model=self.model,
            algorithm=self.algorithm,
            source=self.source.in_domain(),
            requested_by=requested_by,
            parameters=self.parameters,
            contamination=self.contamination,
            columns=tuple(self.columns) if self.columns is not None else None,
            time_limit_seconds=self.time_limit_seconds,
            memory_limit_mb=self.memory_limit_mb,
        )


class JobAnswer(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    model: str
    algorithm: str
    parameters: dict[str, Any]
    contamination: float
    columns: list[str]
    source: dict[str, Any]
    status: Status
    phase: Phase
    progress: float
    rows: int
    version: int | None
    metrics: dict[str, float]
    error: str | None
    attempt: int
    cancel_requested: bool
    phase_seconds: dict[str, float]
    time_limit_seconds: float
    memory_limit_mb: int
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls(**{name: getattr(job, name) for name in cls.model_fields})


class JobsPage(BaseModel):
    items: list[JobAnswer]
    next_cursor: str | None


def _zoned(moment: datetime | None) -> datetime | None:
    """A time without a zone is taken as UTC, as everywhere."""
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
