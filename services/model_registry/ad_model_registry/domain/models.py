"""Models, their immutable versions, and which one scores which stream."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from ad_detectors import catalog

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


class InvalidName(ValueError):
    """A name that cannot stand in an address or a topic; the message says what can."""


class Unfit(ValueError):
    """A model that cannot score this stream; the message says why."""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One trained detector. Never changed after it is registered."""

    tenant: str
    model: str
    version: int
    algorithm: str
    artifact_sha256: str
    size_bytes: int
    features: tuple[str, ...]
    parameters: dict[str, object]
    metrics: dict[str, float]
    data_sha256: str | None
    registered_by: str
    registered_at: datetime
    job_id: str | None = None

    @property
    def reference(self) -> str:
        return f"{self.model}@{self.version}"


@dataclass(frozen=True, slots=True)
class ModelSummary:
    name: str
    latest_version: int
    versions: int
    algorithm: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Champion:
    """What a deployment puts on a stream."""

    model: str
    version: int
    artifact_sha256: str

    @property
    def reference(self) -> str:
        return f"{self.model}@{self.version}"


@dataclass(frozen=True, slots=True)
class Deployment:
    """The state of a stream at one revision. No champion means that the streaming detector scores.

    `parent` is the revision that a rollback goes back to: the one before the promotion, not merely the one before.
    """

    tenant: str
    stream: str
    revision: int = 0
    champion: Champion | None = None
    parent: int | None = None
    previous: Champion | None = None
    changed_by: str = ""
    changed_at: datetime | None = field(default=None, compare=False)


def checked_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise InvalidName(
            f"a model's name is a small letter, then up to 62 small letters, digits, - or _; {name[:80]!r} is not"
        )
    return name


def promoted(current: Deployment, champion: Champion, by: str, at: datetime) -> Deployment:
    """The deployment after a promotion; promoting what is there already changes nothing."""
    if current.champion == champion:
        return current
    return Deployment(
        tenant=current.tenant,
        stream=current.stream,
        revision=current.revision + 1,
        champion=champion,
        parent=current.revision,
        previous=current.champion,
        changed_by=by,
        changed_at=at,
    )


def rolled_back(current: Deployment, parent: Deployment, by: str, at: datetime) -> Deployment:
    """The deployment after a rollback to `parent`; a second rollback goes on from there."""
    return Deployment(
        tenant=current.tenant,
        stream=current.stream,
        revision=current.revision + 1,
        champion=parent.champion,
        parent=parent.parent,
        previous=current.champion,
        changed_by=by,
        changed_at=at,
    )


def withdrawn(current: Deployment, by: str, at: datetime) -> Deployment:
    """The deployment after the champion was taken off the stream."""
    return Deployment(
        tenant=current.tenant,
        stream=current.stream,
        revision=current.revision + 1,
        parent=current.revision,
        previous=current.champion,
        changed_by=by,
        changed_at=at,
    )


def require_fit(version: ModelVersion, stream: str, carried: frozenset[str]) -> None:
    """A series detector would score a stream by how its records were sent, and fewer fields would be guessed."""
    if version.algorithm in catalog.names("series"):
        raise Unfit(
            f"{version.reference} is of {version.algorithm}, a series detector, which scores a whole series and not "
            "records one by one; train a batch detector for a stream"
        )
    missing = [name for name in version.features if name not in carried]
    if missing:
        raise Unfit(
            f"{version.reference} needs the fields {', '.join(missing)}, which stream {stream!r} does not have; "
            f"it has {', '.join(sorted(carried)) or 'none'}"
        )
