"""What somebody asks to be trained, and what of it can be checked without asking others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class InvalidRequest(ValueError):
    """A part of the request cannot be; `field` is its place."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class StreamSource:
    """The records of a stream with start ≤ event time < end, the first `limit` of them."""

    stream: str
    start: datetime | None = None
    end: datetime | None = None
    limit: int | None = None

    def as_document(self) -> dict[str, Any]:
        """As the API shows it and the database keeps it."""
        document = {
            "stream": self.stream,
            "from": self.start.isoformat() if self.start else None,
            "to": self.end.isoformat() if self.end else None,
            "limit": self.limit,
        }
        return {name: value for name, value in document.items() if value is not None}


@dataclass(frozen=True, slots=True)
class RowsSource:
    """Rows that came with the request."""

    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRequest:
    tenant: str
    job_id: str
    model: str
    algorithm: str
    source: StreamSource | RowsSource
    requested_by: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    contamination: float | None = None
    columns: tuple[str, ...] | None = None
    time_limit_seconds: float | None = None
    memory_limit_mb: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job may take: unless it says so, and at most."""

    time_limit_seconds: float
    max_time_limit_seconds: float
    memory_limit_mb: int
    max_memory_limit_mb: int

    def time_for(self, wanted: float | None) -> float:
        return _within("time_limit_seconds", wanted, self.time_limit_seconds, self.max_time_limit_seconds)

    def memory_for(self, wanted: int | None) -> int:
        return int(_within("memory_limit_mb", wanted, self.memory_limit_mb, self.max_memory_limit_mb))


def chosen_columns(wanted: Sequence[str] | None, numeric: Sequence[str], where: str) -> tuple[str, ...]:
    """The wanted columns, or all numeric ones."""
    if not numeric:
        raise InvalidRequest("source", f"{where} has no numeric column; a model needs at least one")
    if wanted is None:
        return tuple(numeric)
    unknown = [name for name in wanted if name not in numeric]
    if unknown:
        names = ", ".join(repr(name) for name in unknown[:10])
        raise InvalidRequest(
            "columns", f"{where} has no numeric column {names}; valid choices: {', '.join(numeric)}"
        )
    return tuple(dict.fromkeys(wanted))


def check_period(source: StreamSource) -> None:
    if source.start and source.end and source.start >= source.end:
        raise InvalidRequest(
            "source.from",
            f"{source.start.isoformat()} is not before 'to', {source.end.isoformat()}; give a period",
        )


def _within(name: str, wanted: float | None, default: float, most: float) -> float:
    if wanted is None:
        return min(default, most)
    if wanted > most:
        raise InvalidRequest(name, f"{wanted:g} is more than this service allows; at most {most:g}")
    return wanted
