"""Snapshots of format 1: the whole state in one zip of plain arrays. They are read, and written no more."""

import io
import zipfile

import msgspec
import numpy as np

from ad_detection.domain.entities import EntityTable
from ad_detection.domain.names import Names
from ad_detection.domain.state import PartitionState, StreamState
from ad_detection.domain.written_rules import SnapshotError, rule_from_builtins

FORMAT = 1
MANIFEST = "manifest"
MAGIC = b"PK"


def from_bytes(data: bytes) -> tuple[PartitionState, int]:
    """The state of a snapshot and the offset at which it goes on; entities count as used in the order of slots."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        manifest = msgspec.json.decode(arrays.pop(MANIFEST).tobytes())
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, msgspec.MsgspecError) as error:
        raise SnapshotError(f"the snapshot is damaged: {error}") from error
    if manifest["format"] != FORMAT:
        raise SnapshotError(f"the snapshot has format {manifest['format']}; expected {FORMAT}")
    state = PartitionState()
    for rule in map(rule_from_builtins, manifest["rules"]):
        state.rules[rule.key] = rule
    for number, stream in enumerate(manifest["streams"]):
        tenant, name = stream["key"]
        restored = StreamState(
            features=tuple(stream["features"]),
            entities=_table(stream["entities"], stream["capacity"]),
            arrays={array: arrays[f"{number}.{array}"] for array in stream["arrays"]},
            # The first snapshots knew of no other detector.
            algorithm=stream.get("algorithm", "adaptive"),
        )
        state.begin((tenant, name), restored)
    return state, manifest["next_offset"]


def _table(names: list[str], capacity: int) -> EntityTable:
    table = EntityTable(capacity=capacity)
    count = len(names)
    table.place(Names.of(names), np.arange(count), 0, max(1, count) * 2)
    return table
