"""Everything that scoring a partition depends on, and its form as bytes."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ad_data.schema import StreamSchema
from ad_detection.domain.control import Rules, StreamKey, StreamRule, StreamSettings
from ad_detection.domain.entities import EntityTable

FORMAT = 1
MANIFEST = "manifest"


class SnapshotError(ValueError):
    """A snapshot that this version cannot read; the message says why."""


@dataclass(slots=True)
class StreamState:
    """The learnt state of one stream in one partition: arrays by entity slot."""

    features: tuple[str, ...]
    entities: EntityTable
    arrays: dict[str, NDArray[Any]]
    algorithm: str
    fits: StreamSettings | None = None
    """The settings whose detector the arrays were seen to be of; those of a snapshot may be older."""


@dataclass(slots=True)
class PartitionState:
    """What a worker knows of one partition. Scoring changes it in place, and nothing else does."""

    rules: Rules = field(default_factory=dict)
    streams: dict[StreamKey, StreamState] = field(default_factory=dict)

    @property
    def entities(self) -> int:
        """How many were seen in all streams."""
        return sum(len(stream.entities.slots) for stream in self.streams.values())


def to_bytes(state: PartitionState, next_offset: int) -> bytes:
    """A snapshot: a zip of plain arrays and one manifest, equal for equal states."""
    arrays: dict[str, NDArray[Any]] = {}
    streams = []
    for number, (key, stream) in enumerate(state.streams.items()):
        streams.append(
            {
                "key": key,
                "features": stream.features,
                "algorithm": stream.algorithm,
                "entities": stream.entities.names(),
                "capacity": stream.entities.capacity,
                "arrays": sorted(stream.arrays),
            }
        )
        arrays |= {f"{number}.{name}": array for name, array in stream.arrays.items()}
    manifest = {
        "format": FORMAT,
        "next_offset": next_offset,
        "streams": streams,
        "rules": [_rule_to_builtins(rule) for rule in state.rules.values()],
    }
    arrays[MANIFEST] = np.frombuffer(msgspec.json.encode(manifest), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def from_bytes(data: bytes) -> tuple[PartitionState, int]:
    """The state of a snapshot and the offset at which it goes on."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        manifest = msgspec.json.decode(arrays.pop(MANIFEST).tobytes())
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, msgspec.MsgspecError) as error:
        raise SnapshotError(f"the snapshot is damaged: {error}") from error
    if manifest["format"] != FORMAT:
        raise SnapshotError(f"the snapshot has format {manifest['format']}; this version reads {FORMAT}")
    state = PartitionState()
    for rule in map(_rule_from_builtins, manifest["rules"]):
        state.rules[rule.key] = rule
    for number, stream in enumerate(manifest["streams"]):
        tenant, name = stream["key"]
        state.streams[tenant, name] = StreamState(
            features=tuple(stream["features"]),
            entities=EntityTable.of(stream["entities"], stream["capacity"]),
            arrays={array: arrays[f"{number}.{array}"] for array in stream["arrays"]},
            # The first snapshots knew of no other detector.
            algorithm=stream.get("algorithm", "adaptive"),
        )
    return state, manifest["next_offset"]


def switch_to_bytes(before: Rules, after: Rules) -> bytes:
    """What changes from one set of rules to another: small, however much a partition has learnt."""
    changed = [_rule_to_builtins(rule) for key, rule in after.items() if before.get(key) != rule]
    removed = [key for key in before if key not in after]
    return msgspec.json.encode({"format": FORMAT, "changed": changed, "removed": removed})


def apply_switch(state: PartitionState, data: bytes) -> None:
    """Puts the rules of a switch into force; a stream that is gone is forgotten."""
    try:
        body = msgspec.json.decode(data)
        changed = [_rule_from_builtins(rule) for rule in body["changed"]]
        removed = [(tenant, stream) for tenant, stream in body["removed"]]
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise SnapshotError(f"the switch of rules is damaged: {error}") from error
    rules = {key: rule for key, rule in state.rules.items() if key not in removed}
    obey(state, rules | {rule.key: rule for rule in changed})


def obey(state: PartitionState, rules: Rules) -> None:
    """From now on these rules; what was learnt of streams without a rule is forgotten."""
    for key in state.streams.keys() - rules.keys():
        del state.streams[key]
    state.rules = rules


def _rule_to_builtins(rule: StreamRule) -> dict[str, Any]:
    return {
        "tenant": rule.tenant,
        "stream": rule.stream,
        "topic": rule.topic,
        "schema": rule.schema.to_json(),
        "settings": msgspec.to_builtins(rule.settings),
        "revision": rule.revision,
        "model": rule.model,
        "version": rule.version,
        "deployment_revision": rule.deployment_revision,
    }


def _rule_from_builtins(body: Mapping[str, Any]) -> StreamRule:
    settings = msgspec.convert(body["settings"], StreamSettings)
    return StreamRule(**{**body, "schema": StreamSchema.from_json(body["schema"]), "settings": settings})
