"""What a worker must know of its streams: their schemas and which model scores them."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec

from ad_contracts.events import DeploymentChanged, StreamChanged
from ad_data.schema import StreamSchema

StreamKey = tuple[str, str]
"""Tenant and stream."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """How the anomalies of a stream are told; part of `StreamChanged.settings_json`."""

    publish_scores: bool = False
    algorithm: str = "adaptive"
    """The streaming detector that scores while there is no model."""
    parameters: dict[str, Any] = field(default_factory=dict)
    alert_probability: float | None = None
    """Of the streaming detector; None leaves its own default. A model brings its threshold with it."""
    max_entities: Annotated[int, msgspec.Meta(ge=1)] = 1_000_000
    """Entities that the streaming detector knows at a time, per partition; beyond it the least recently used go."""
    allowed_lateness_seconds: Annotated[float, msgspec.Meta(ge=0)] | None = None
    """A record may be older by so much than one before it; None takes all of them, and calls none late."""
    silence_seconds: Annotated[float, msgspec.Meta(ge=1, le=31_536_000)] | None = None
    """An entity that sends nothing for longer is an anomaly; None never is."""

    @property
    def keeps_time(self) -> bool:
        """Whether it matters how far the time of the stream has come."""
        return self.allowed_lateness_seconds is not None or self.silence_seconds is not None

    @property
    def streaming_parameters(self) -> dict[str, Any]:
        given = self.alert_probability is not None
        return self.parameters | ({"alert_probability": self.alert_probability} if given else {})


class Challenger(NamedTuple):
    """A version that scores a stream in the shadow of its champion."""

    model: str
    version: int

    @property
    def reference(self) -> str:
        return f"{self.model}@{self.version}"


@dataclass(frozen=True, slots=True)
class StreamRule:
    """One stream as a partition sees it at one offset."""

    tenant: str
    stream: str
    topic: str
    schema: StreamSchema
    settings: StreamSettings = StreamSettings()
    revision: int = 0
    model: str | None = None
    version: int | None = None
    deployment_revision: int = 0
    challengers: tuple[Challenger, ...] = ()
    generation: int = 1
    """Which stream of its name: one that is made anew after a deletion is another."""

    @property
    def key(self) -> StreamKey:
        return (self.tenant, self.stream)

    @property
    def model_version(self) -> str | None:
        """`name@version` of the champion; None while the streaming detector scores."""
        return None if self.model is None else f"{self.model}@{self.version}"

    def scored_as(self, before: "StreamRule | None") -> "StreamRule":
        """This rule with the champion of another one, or with the streaming detector."""
        if before is None:
            return replace(self, model=None, version=None)
        return replace(self, model=before.model, version=before.version)


Rules = dict[StreamKey, StreamRule]


@dataclass(frozen=True, slots=True)
class Control:
    """All rules in force. Replaced as a whole, never changed, so that a switch has one place in time."""

    rules: Rules = field(default_factory=dict)
    deployments: dict[StreamKey, DeploymentChanged] = field(default_factory=dict)
    """The latest of each name, known before its stream or after: the two control topics have no common order.

    As in the registry, it belongs to the name: a stream that is made anew has the champion of the one before.
    """

    waiting: dict[StreamKey, int] = field(default_factory=dict)
    """Streams without a schema, whose first records are still to come, and their generations."""
    first: dict[StreamKey, int] = field(default_factory=dict)
    """Of names that were deleted, the generation from which on what they are named by counts."""

    def generation(self, tenant: str, stream: str) -> int | None:
        """Of a stream that is there, also without a schema; else None."""
        rule = self.rules.get((tenant, stream))
        return self.waiting.get((tenant, stream)) if rule is None else rule.generation

    def rule(self, tenant: str, stream: str) -> StreamRule | None:
        return self.rules.get((tenant, stream))

    def topics(self) -> set[str]:
        return {rule.topic for rule in self.rules.values()}

    def tenants(self) -> set[str]:
        return {tenant for tenant, _ in self.rules}

    def on_topic(self, topic: str) -> Rules:
        """The rules that a partition of this topic works by."""
        return {key: rule for key, rule in self.rules.items() if rule.topic == topic}


def with_stream(control: Control, event: StreamChanged, rule: StreamRule | None) -> Control:
    """The control after a stream was created, changed or deleted; older revisions change nothing.

    There is no rule for what is deleted or has no schema yet.
    """
    key = (event.tenant, event.stream)
    known = control.rules.get(key)
    if known is not None and event.revision < known.revision:
        return control
    left = _without(control, key)
    first = event.generation + event.deleted
    if first > 1:
        left = replace(left, first=left.first | {key: first})
    if event.deleted:
        return left
    if rule is None:
        return replace(left, waiting=left.waiting | {key: event.generation})
    return replace(left, rules=left.rules | {key: _deployed(rule, control.deployments.get(key))})


def without_stream(control: Control, key: StreamKey) -> Control:
    """The control after a name is gone, as if it had never been used."""
    left = _without(control, key)
    return left if key not in left.first else replace(left, first=_apart(left.first, key))


def _without(control: Control, key: StreamKey) -> Control:
    if key in control.rules:
        control = replace(control, rules=_apart(control.rules, key))
    if key in control.waiting:
        control = replace(control, waiting=_apart(control.waiting, key))
    return control


def _apart(named: dict[StreamKey, T], key: StreamKey) -> dict[StreamKey, T]:
    return {other: each for other, each in named.items() if other != key}


def without_deployment(control: Control, key: StreamKey) -> Control:
    """The control after a name has no champion any more, nor ever had one."""
    return replace(control, deployments=_apart(control.deployments, key))


def with_deployment(control: Control, event: DeploymentChanged) -> Control:
    """The control after a promotion or a rollback; older revisions change nothing."""
    key = (event.tenant, event.stream)
    before, rule = control.deployments.get(key), control.rules.get(key)
    if before is not None and event.revision <= before.revision:
        return control
    changed = replace(control, deployments=control.deployments | {key: event})
    return changed if rule is None else replace(changed, rules=control.rules | {key: _deployed(rule, event)})


def _deployed(rule: StreamRule, event: DeploymentChanged | None) -> StreamRule:
    if event is None:
        return rule
    return replace(
        rule,
        model=event.model,
        version=event.version,
        deployment_revision=event.revision,
        challengers=tuple(Challenger(each["model"], each["version"]) for each in event.challengers),
    )
