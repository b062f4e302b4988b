"""The control events. Each mirrors the newest Avro schema of its name (`schema`) field by field."""

from typing import ClassVar, Literal, TypedDict

import msgspec

Severity = Literal["low", "medium", "high", "critical"]
AnomalyKind = Literal["record", "silence"]


class StreamChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A stream was created, changed or deleted; without `schema_json` its first records are still to fix it."""

    schema: ClassVar[str] = "stream_changed"
    tenant: str
    stream: str
    revision: int
    deleted: bool
    topic: str
    schema_json: str
    settings_json: str
    changed_time_ms: int
    generation: int = 1


class ChallengerVersion(TypedDict):
    """A version that scores a stream in the shadow of the champion."""

    model: str
    version: int
    artifact_sha256: str


class DeploymentChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A stream got another champion or other challengers; without a model the streaming detector is the champion."""

    schema: ClassVar[str] = "deployment_changed"
    tenant: str
    stream: str
    revision: int
    model: str | None = None
    version: int | None = None
    artifact_sha256: str | None = None
    previous_version: str | None = None
    changed_by: str
    changed_time_ms: int
    challengers: list[ChallengerVersion] = []


class ModelVersionRegistered(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a model is in the registry."""

    schema: ClassVar[str] = "model_version_registered"
    tenant: str
    model: str
    version: int
    algorithm: str
    artifact_sha256: str
    size_bytes: int
    features: list[str]
    data_sha256: str | None = None
    metrics: dict[str, float]
    registered_by: str
    job_id: str | None = None
    registered_time_ms: int


class TrainingRequested(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants a model to be trained."""

    schema: ClassVar[str] = "training_requested"
    tenant: str
    job_id: str
    model: str
    algorithm: str
    parameters_json: str
    source_json: str
    contamination: float | None = None
    requested_by: str
    requested_time_ms: int


class TrainingProgressed(msgspec.Struct, frozen=True, kw_only=True):
    """A training job moved on."""

    schema: ClassVar[str] = "training_progressed"
    tenant: str
    job_id: str
    model: str
    state: str
    step: str
    progress: float
    event_time_ms: int


class TrainingFinished(msgspec.Struct, frozen=True, kw_only=True):
    """A training job ended; `version` is set when it succeeded, `reason` when it did not."""

    schema: ClassVar[str] = "training_finished"
    tenant: str
    job_id: str
    model: str
    outcome: Literal["succeeded", "failed", "cancelled"]
    version: int | None = None
    reason: str | None = None
    rows: int
    seconds: float
    metrics: dict[str, float]
    finished_time_ms: int


class AnomalyDetected(msgspec.Struct, frozen=True, kw_only=True):
    """A record is anomalous, or an entity silent: what was found, by what, and why."""

    schema: ClassVar[str] = "anomaly_detected"
    id: str
    tenant: str
    stream: str
    entity: str | None = None
    record_id: str
    event_time_ms: int
    detected_time_ms: int
    partition: int
    offset: int
    row: int
    algorithm: str
    model: str | None = None
    model_version: str | None = None
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
    late: bool = False
    kind: AnomalyKind = "record"
    episode_id: str | None = None
    episode_start_time_ms: int | None = None
    supersedes: str | None = None
    retracted: bool = False
    generation: int = 1


class RecordHeader(TypedDict):
    """A header of a message; Kafka knows some without a value."""

    name: str
    value: bytes | None


class RecordRejected(msgspec.Struct, frozen=True, kw_only=True):
    """A record was not taken: what was wrong, and the record as it came."""

    schema: ClassVar[str] = "record_rejected"
    tenant: str
    stream: str | None = None
    reason: str
    field: str | None = None
    raw: bytes
    content_type: str | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    row: int
    rejected_time_ms: int
    source: Literal["ingestion", "detection"]
    headers: list[RecordHeader] = []


class AuditRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody did something that is worth keeping."""

    schema: ClassVar[str] = "audit_recorded"
    id: str
    tenant: str
    subject: str
    action: str
    resource: str | None = None
    outcome: Literal["allowed", "denied", "failed"]
    request_id: str | None = None
    details: dict[str, str]
    event_time_ms: int
    address: str | None = None
    service: str | None = None


class TenantChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant was made, suspended or admitted, or got other quotas."""

    schema: ClassVar[str] = "tenant_changed"
    tenant: str
    revision: int
    suspended: bool
    quotas: dict[str, int]
    changed_time_ms: int


Event = (
    StreamChanged
    | DeploymentChanged
    | ModelVersionRegistered
    | TrainingRequested
    | TrainingProgressed
    | TrainingFinished
    | AnomalyDetected
    | RecordRejected
    | AuditRecorded
    | TenantChanged
)
EVENTS: dict[str, type[Event]] = {
    event.schema: event
    for event in (
        StreamChanged,
        DeploymentChanged,
        ModelVersionRegistered,
        TrainingRequested,
        TrainingProgressed,
        TrainingFinished,
        AnomalyDetected,
        RecordRejected,
        AuditRecorded,
        TenantChanged,
    )
}
