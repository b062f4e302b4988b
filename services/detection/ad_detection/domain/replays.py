"""A replay: records of the past scored again, by one configuration or by two that are compared."""

from typing import Any, Literal

import msgspec

State = Literal["queued", "running", "succeeded", "failed", "cancelled", "interrupted"]
Source = Literal["lake", "log"]
GOING: tuple[State, ...] = ("queued", "running")
NAMES = ("a", "b")
"""Of the configurations, in their order."""


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """By what records are scored; what is not said is as the stream has it now."""

    model: str | None = None
    version: int | None = None
    algorithm: str | None = None
    """A streaming detector, which begins the range knowing nothing."""
    parameters: dict[str, Any] = {}
    alert_probability: float | None = None
    """Of a streaming detector."""
    threshold: float | None = None
    """Of a model: the score above which a record is an anomaly."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time, both ends in it, that is known to be anomalous: of one entity, or of all."""

    start_ms: int
    end_ms: int
    entity: str | None = None


class OffsetRange(msgspec.Struct, frozen=True, kw_only=True):
    """Records of one partition: start ≤ offset < stop."""

    partition: int
    start: int
    stop: int


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which records are scored by what. From ≤ time < to: event time in the lake, time of arrival in the log."""

    stream: str
    source: Source = "lake"
    from_ms: int | None = None
    to_ms: int | None = None
    warm_from_ms: int | None = None
    """Records from here to `from_ms` are learnt from, and nothing is told of them."""
    offsets: tuple[OffsetRange, ...] = ()
    """Of the log, instead of times."""
    configurations: tuple[Configuration, ...] = (Configuration(),)
    windows: tuple[Window, ...] = ()


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """The records of one partition of the log that were scored: start ≤ offset < stop."""

    partition: int
    start: int
    stop: int
    whole: bool
    """Whether the partition was read from its first record, so that nothing came before."""


PublicationState = Literal["running", "succeeded", "failed", "interrupted"]


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """How far the findings of a configuration are published as corrections, or how that ended."""

    configuration: str
    state: PublicationState = "running"
    requested_by: str
    started_ms: int
    updated_ms: int
    """When it was last known to go on."""
    finished_ms: int | None = None
    progress: float = 0.0
    anomalies: int = 0
    """Events that a record is an anomaly, told for the first time or in place of another."""
    retracted: int = 0
    """Events that a record is none after all."""
    unchanged: int = 0
    """Records of which the same was told already."""
    error: str | None = None


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """How far a replay is, or how it ended."""

    id: str
    tenant: str
    request: ReplayRequest
    requested_by: str
    created_ms: int
    owner: str
    """The process that has it in its queue."""
    beat_ms: int
    """When that process was last known to live."""
    state: State = "queued"
    rows: int = 0
    progress: float | None = None
    started_ms: int | None = None
    finished_ms: int | None = None
    result: dict[str, Any] | None = None
    error: str | None = None
    publication: Publication | None = None
