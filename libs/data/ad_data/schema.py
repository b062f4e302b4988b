"""The schema of a stream: its fields, which of them mean something special, and what to do with oddities."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from ad_data.errors import SchemaError

FieldType = Literal["float", "integer", "boolean", "string", "timestamp"]
MAX_FIELDS = 1000
NUMERIC = ("float", "integer")


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a record. A field that is not required may be absent, whatever `on_missing` says."""

    name: str
    type: FieldType = "float"
    required: bool = True


class StreamSchema(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a record of a stream looks like.

    Parameters
    ----------
    fields : tuple of Field
        At least one; names are unique and do not begin with an underscore.
    entity : str, optional
        The string or integer field that tells entities apart. A record without it is rejected.
    timestamp : str, optional
        The timestamp field. Without one, a record has the time of its arrival.
    on_missing : {"missing", "reject"}
        What becomes of a record whose required field is absent, null, NaN or infinite:
        the value counts as missing (NaN in the features), or the record is rejected.
    on_extra : {"ignore", "reject"}
        What becomes of a record with a field that is not in the schema.
    max_age_seconds, max_future_seconds : float, optional
        How far the timestamp may lie behind or ahead of the time of arrival; beyond, the record is rejected.

    Raises
    ------
    SchemaError
        When the parts contradict each other.
    """

    fields: tuple[Field, ...]
    entity: str | None = None
    timestamp: str | None = None
    on_missing: Literal["missing", "reject"] = "missing"
    on_extra: Literal["ignore", "reject"] = "ignore"
    max_age_seconds: float | None = None
    max_future_seconds: float | None = None

    def __post_init__(self) -> None:
        problem = next(_problems(self), None)
        if problem is not None:
            raise SchemaError(problem)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the numeric fields (float, integer) in order, without the entity."""
        return tuple(
            field.name for field in self.fields if field.type in NUMERIC and field.name != self.entity
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        for field in self.fields:
            if field.name == name:
                return field
        raise SchemaError(f"field {name!r} is not in the schema; choose from: {', '.join(self.names)}")

    def to_json(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> "StreamSchema":
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError as error:
            raise SchemaError(f"not the schema of a stream: {error}") from error


def _problems(schema: StreamSchema) -> Iterator[str]:
    names = schema.names
    if not 1 <= len(names) <= MAX_FIELDS:
        yield f"fields: a schema has 1 to {MAX_FIELDS} fields, this one has {len(names)}"
    for name in names:
        if not name or name.startswith("_"):
            yield f"field {name!r}: a name is not empty and does not begin with an underscore"
        if names.count(name) > 1:
            yield f"field {name!r}: stands twice in the schema"
    types = {field.name: field.type for field in schema.fields}
    yield from _role(types, "entity", schema.entity, ("string", "integer"))
    yield from _role(types, "timestamp", schema.timestamp, ("timestamp",))
    for limit in ("max_age_seconds", "max_future_seconds"):
        value = getattr(schema, limit)
        if value is not None and not value >= 0:
            yield f"{limit}: {value} is not a number of seconds from 0"
        if value is not None and schema.timestamp is None:
            yield f"{limit}: needs a timestamp field"


def _role(types: dict[str, FieldType], role: str, name: str | None, right: tuple[str, ...]) -> Iterator[str]:
    if name is None:
        return
    if name not in types:
        yield f"{role}: field {name!r} is not in the schema; choose from: {', '.join(types)}"
    elif types[name] not in right:
        yield f"{role}: field {name!r} is {types[name]}, it must be {' or '.join(right)}"
