"""Models, their immutable versions, and which one scores which stream."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from ad_detectors import catalog

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
MOST_CHALLENGERS = 3
"""Each is scored beside the champion, at the cost of a champion."""


class InvalidName(ValueError):
    """A name that cannot stand in an address or a topic; the message says what can."""


class Unfit(ValueError):
    """A model that cannot score this stream, or not in this way; the message says why."""


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
class Deployed:
    """A version that a deployment puts on a stream, as champion or as challenger."""

    model: str
    version: int
    artifact_sha256: str

    @property
    def reference(self) -> str:
        return f"{self.model}@{self.version}"


@dataclass(frozen=True, slots=True)
class Deployment:
    """The state of a stream at one revision. No champion means that the streaming detector scores.

    Challengers score in the shadow of the champion; they stay when the champion changes, but for a new champion.
    `parent` is the revision that a rollback goes back to: the one before the promotion, not merely the one before.
    """

    tenant: str
    stream: str
    revision: int = 0
    champion: Deployed | None = None
    parent: int | None = None
    previous: Deployed | None = None
    challengers: tuple[Deployed, ...] = ()
    changed_by: str = ""
    changed_at: datetime | None = field(default=None, compare=False)

    def holds(self, model: str, version: int) -> bool:
        """Whether a version scores the stream, for all to see or in the shadow."""
        scoring = (self.champion, *self.challengers)
        return any(each is not None and (each.model, each.version) == (model, version) for each in scoring)


def checked_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise InvalidName(
            f"a model's name is a small letter, then up to 62 small letters, digits, - or _; {name[:80]!r} is not"
        )
    return name


def promoted(current: Deployment, champion: Deployed, by: str, at: datetime) -> Deployment:
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
        challengers=_without(current.challengers, champion),
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
        challengers=_without(current.challengers, parent.champion),
        changed_by=by,
        changed_at=at,
    )


def withdrawn(current: Deployment, by: str, at: datetime) -> Deployment:
    """The deployment after champion and challengers were taken off the stream."""
    return Deployment(
        tenant=current.tenant,
        stream=current.stream,
        revision=current.revision + 1,
        parent=current.revision,
        previous=current.champion,
        changed_by=by,
        changed_at=at,
    )


def shadowed(current: Deployment, challengers: tuple[Deployed, ...], by: str, at: datetime) -> Deployment:
    """The deployment with these challengers and no other; a rollback goes where it went before."""
    if current.challengers == challengers:
        return current
    if len(challengers) > MOST_CHALLENGERS:
        raise Unfit(f"a stream has at most {MOST_CHALLENGERS} challengers; these are {len(challengers)}")
    if current.champion is not None and current.champion in challengers:
        raise Unfit(
            f"{current.champion.reference} is the champion of stream {current.stream!r}; "
            "a challenger is another version"
        )
    twice = [each.reference for each in challengers if challengers.count(each) > 1]
    if twice:
        raise Unfit(f"{twice[0]} stands twice among the challengers; name it once")
    return replace(
        current, revision=current.revision + 1, challengers=challengers, changed_by=by, changed_at=at
    )


def _without(challengers: tuple[Deployed, ...], champion: Deployed | None) -> tuple[Deployed, ...]:
    return tuple(each for each in challengers if each != champion)


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
