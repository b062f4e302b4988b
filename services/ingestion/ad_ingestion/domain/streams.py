"""Streams: a name, a schema that is fixed once, settings, and the topic that carries the records."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from ad_data.schema import StreamSchema
from ad_detectors import catalog
from ad_detectors.errors import DetectorError

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
StreamKey = tuple[str, str]
"""Tenant and name."""


class InvalidStream(ValueError):
    """A description that no stream can have; the message names what would be right."""


class SchemaFixed(ValueError):
    """The fields of a stream do not change once they are known."""


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """How the anomalies of a stream are told; detection reads them."""

    publish_scores: bool = False
    algorithm: str = "adaptive"
    parameters: dict[str, Any] = field(default_factory=dict)
    alert_probability: float | None = None
    max_entities: int = 1_000_000
    allowed_lateness_seconds: float | None = None
    silence_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """What the schema shall be beyond its fields, while those are still to be inferred."""

    entity: str | None = None
    timestamp: str | None = None
    on_missing: Literal["missing", "reject"] = "missing"
    on_extra: Literal["ignore", "reject"] = "ignore"
    max_age_seconds: float | None = None
    max_future_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream at one revision. `generation` grows when a deleted name is used again."""

    tenant: str
    name: str
    topic: str
    created_at: datetime
    changed_at: datetime
    schema: StreamSchema | None = None
    hints: Hints = Hints()
    settings: StreamSettings = StreamSettings()
    generation: int = 1
    revision: int = 1
    deleted: bool = False
    accepted: int = field(default=0, compare=False)
    rejected: int = field(default=0, compare=False)

    @property
    def key(self) -> StreamKey:
        return (self.tenant, self.name)


def checked_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise InvalidStream(
            f"a stream's name is a small letter, then up to 62 small letters, digits, - or _; {name[:80]!r} is not"
        )
    return name


def checked_schema(schema: StreamSchema) -> StreamSchema:
    """A stream without numbers could not be scored."""
    if not schema.features:
        raise InvalidStream(
            f"none of the fields {', '.join(schema.names)[:200]} is a number; "
            "a stream needs at least one field of type float or integer that is not the entity"
        )
    return schema


def checked_settings(settings: StreamSettings) -> StreamSettings:
    """The streaming detector must exist and take its parameters, before any record meets it."""
    named = {} if settings.alert_probability is None else {"alert_probability": settings.alert_probability}
    if named.keys() & settings.parameters.keys():
        raise InvalidStream("settings: alert_probability stands in parameters too; leave one of the two out")
    try:
        catalog.create_streaming(settings.algorithm, **settings.parameters, **named)
    except DetectorError as error:
        raise InvalidStream(f"settings: {error}") from error
    return settings


def successor(stream: Stream, before: Stream | None) -> Stream:
    """The new stream with numbers that go on from those of a deleted one of the same name."""
    if before is None:
        return stream
    return replace(stream, generation=before.generation + 1, revision=before.revision + 1)


def with_schema(stream: Stream, schema: StreamSchema, at: datetime) -> Stream:
    """The stream after its fields became known."""
    if stream.schema is not None:
        raise SchemaFixed(f"the schema of stream {stream.name!r} is fixed already")
    return replace(stream, schema=checked_schema(schema), revision=stream.revision + 1, changed_at=at)


def hinted(schema: StreamSchema, hints: Hints) -> StreamSchema:
    """An inferred schema with what was said when the stream was created."""
    return StreamSchema(
        fields=schema.fields,
        entity=schema.entity,
        timestamp=schema.timestamp,
        on_missing=hints.on_missing,
        on_extra=hints.on_extra,
        max_age_seconds=hints.max_age_seconds,
        max_future_seconds=hints.max_future_seconds,
    )


def changed(stream: Stream, rules: dict[str, Any], settings: dict[str, Any], at: datetime) -> Stream:
    """The stream with other settings, and other rules for odd records; its fields stay."""
    found = replace(stream, settings=checked_settings(replace(stream.settings, **settings)))
    if rules and stream.schema is not None:
        schema = stream.schema
        old = {name: getattr(schema, name) for name in schema.__struct_fields__}
        found = replace(found, schema=StreamSchema(**old | rules))
    elif rules:
        found = replace(found, hints=replace(stream.hints, **rules))
    return stream if found == stream else replace(found, revision=stream.revision + 1, changed_at=at)


def require_same_fields(stream: Stream, wanted: StreamSchema) -> None:
    """Models and stored records speak of the fields, so those of a stream stay what they are."""
    schema = stream.schema
    if schema is None:
        return
    for part in ("fields", "entity", "timestamp"):
        if getattr(schema, part) != getattr(wanted, part):
            raise SchemaFixed(
                f"schema.{part}: the fields, the entity and the timestamp of stream {stream.name!r} are fixed; "
                "on_missing, on_extra, max_age_seconds and max_future_seconds can change; "
                "create another stream for other fields"
            )


def removed(stream: Stream, at: datetime) -> Stream:
    return replace(stream, deleted=True, revision=stream.revision + 1, changed_at=at)
