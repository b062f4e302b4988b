"""What the platform answers: plain dictionaries of these forms, as the OpenAPI document has them."""

from typing import Any, Literal, TypedDict

Severity = Literal["low", "medium", "high", "critical"]
Kind = Literal["record", "silence"]


class Counts(TypedDict):
    accepted: int
    rejected: int


class Stream(TypedDict):
    """A named source of records."""

    name: str
    schema: dict[str, Any] | None
    entity: str | None
    timestamp: str | None
    settings: dict[str, Any]
    topic: str
    revision: int
    generation: int
    created_at: str
    changed_at: str
    counts: Counts


class Rejection(TypedDict):
    row: int
    field: str | None
    reason: str


class Batch(TypedDict):
    """One body of records: the id of its records is `<batch_id>/<row>`, from 0."""

    batch_id: str
    start: int
    rows: int


class Sent(TypedDict):
    """What became of records that were sent; `rejections` are the first hundred."""

    stream: str
    rows: int
    accepted: int
    rejected: int
    batches: list[Batch]
    rejections: list[Rejection]


class _Anomaly(TypedDict):
    id: str
    tenant: str
    stream: str
    entity: str | None
    record_id: str
    event_time: str
    detected_time: str
    partition: int
    offset: int
    row: int
    algorithm: str
    model: str | None
    model_version: str | None
    score: float
    threshold: float
    probability: float
    severity: Severity
    value: dict[str, float]
    expected: dict[str, float]
    lower: dict[str, float]
    upper: dict[str, float]
    contributions: dict[str, float]
    cold: bool
    imputed: bool
    late: bool
    kind: Kind
    episode_id: str | None
    episode_start_time: str | None
    supersedes: str | None
    retracted: bool
    generation: int


class Anomaly(_Anomaly, total=False):
    """A record that is anomalous, or an entity that is silent: what was found, by what, and why."""

    superseded_by: str


class Episode(TypedDict):
    """Consecutive anomalies of an entity as one."""

    id: str
    stream: str
    entity: str | None
    kind: Kind
    start_time: str
    end_time: str
    anomalies: int
    superseded: int
    peak: dict[str, Any]


class RowResult(TypedDict):
    row: int
    score: float
    probability: float
    label: int
    contributions: dict[str, float] | None
    expected: dict[str, float] | None


class Detection(TypedDict):
    """Rows that were scored at once."""

    algorithm: str
    model: str | None
    rows: int
    anomalies: int
    threshold: float
    results: list[RowResult]


class ModelSummary(TypedDict):
    name: str
    latest_version: int
    versions: int
    algorithm: str
    updated_at: str


class ModelVersion(TypedDict):
    """A trained detector, which never changes."""

    name: str
    version: int
    algorithm: str
    features: list[str]
    parameters: dict[str, Any]
    metrics: dict[str, float]
    artifact_sha256: str
    size_bytes: int
    data_sha256: str | None
    registered_by: str
    registered_at: str
    job_id: str | None


class Model(TypedDict):
    name: str
    versions: list[ModelVersion]


class Download(TypedDict):
    """A model file that was fetched."""

    name: str
    version: int
    output: str
    size_bytes: int
    artifact_sha256: str


class Challenger(TypedDict):
    model: str
    version: int


class Deployment(TypedDict):
    """What scores a stream: a champion, and challengers in its shadow."""

    stream: str
    revision: int
    model: str | None
    version: int | None
    previous_version: str | None
    challengers: list[Challenger]
    changed_by: str
    changed_at: str | None


class Job(TypedDict):
    """A training job."""

    id: str
    model: str
    algorithm: str
    parameters: dict[str, Any]
    contamination: float
    columns: list[str]
    source: dict[str, Any]
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    phase: Literal["queued", "fetch", "fit", "register"]
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
    created_at: str
    started_at: str | None
    finished_at: str | None


Replay = TypedDict(
    "Replay",
    {
        "id": str,
        "stream": str,
        "source": Literal["lake", "log"],
        "from": str | None,
        "to": str | None,
        "warm_from": str | None,
        "configurations": list[dict[str, Any]],
        "labels": int,
        "state": Literal["queued", "running", "succeeded", "failed", "cancelled", "interrupted"],
        "rows": int,
        "progress": float | None,
        "requested_by": str,
        "created_at": str,
        "started_at": str | None,
        "finished_at": str | None,
        "result": dict[str, Any] | None,
        "error": str | None,
        "publication": dict[str, Any] | None,
    },
)
"""Records of the past, scored again."""


class DeadLetter(TypedDict):
    """A record that was not taken."""

    id: str
    stream: str | None
    time: str
    reason: str
    field: str | None
    row: int
    raw: str
    raw_encoding: Literal["utf-8", "base64"]
    content_type: str | None
    source: Literal["ingestion", "detection"]
    topic: str | None
    partition: int | None
    offset: int | None
    headers: list[dict[str, Any]]
    state: Literal["open", "replayed"]
    replayed_at: str | None
    replay_of: str | None
