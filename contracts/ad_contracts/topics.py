"""The topics of topics.yaml, and their names for a tenant."""

import re
from typing import Any

import msgspec
import yaml

from ad_contracts import resources
from ad_contracts.errors import UnknownTopicError

TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class TopicSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What topics.yaml says about one topic; `name` may hold `{tenant}`."""

    name: str
    title: str
    key: str
    partitions: int
    retention_hours: float | None
    compaction: bool
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    schema: tuple[str, ...]
    formats: tuple[str, ...]

    @property
    def per_tenant(self) -> bool:
        return "{tenant}" in self.name


def load(text: str) -> dict[str, TopicSpec]:
    raw: dict[str, Any] = yaml.safe_load(text)
    return msgspec.convert(raw, dict[str, TopicSpec])


TOPICS: dict[str, TopicSpec] = load(resources.topics_yaml())


def topic(name: str, tenant: str | None = None) -> str:
    """`topic("anomalies", "default")` is `anomalies.default`; `topic("streams")` is `streams`."""
    spec = TOPICS.get(name)
    if spec is None:
        raise UnknownTopicError(f"topic {name!r} is not in topics.yaml; choose from: {', '.join(TOPICS)}")
    if not spec.per_tenant:
        return spec.name
    if tenant is None:
        raise UnknownTopicError(f"topic {name!r} belongs to a tenant: name the tenant")
    if not TENANT.fullmatch(tenant):
        raise UnknownTopicError(
            f"tenant {tenant!r} cannot stand in a topic's name: a-z 0-9 _ - are allowed, 1 to 63"
        )
    return spec.name.replace("{tenant}", tenant)


def topics_of(event: str) -> tuple[str, ...]:
    """The entries of topics.yaml that carry an event."""
    return tuple(name for name, spec in TOPICS.items() if event in spec.schema)
