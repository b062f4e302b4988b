"""Snapshots in memory, and states compared to the bit."""

import numpy as np

from ad_detection.domain import snapshots
from ad_detection.domain.control import StreamKey
from ad_detection.domain.entities import EntityTable
from ad_detection.domain.episodes import Episode
from ad_detection.domain.memory import Memory
from ad_detection.domain.snapshots import Part, Rebuilding
from ad_detection.domain.state import PartitionState
from ad_detectors.kernels.names import HELD, TAKEN, TOP


class Snapshots(dict[str, bytes]):
    """The store of a test."""

    async def put(self, key: str, data: bytes) -> None:
        self[key] = data

    async def get(self, key: str) -> bytes:
        return self[key]

    async def delete(self, key: str) -> None:
        self.pop(key, None)


def written_and_read(
    state: PartitionState, next_offset: int = 0, memory: Memory | None = None
) -> PartitionState:
    """The state that a whole snapshot gives back."""
    parts = list(snapshots.parts(state, whole=True))
    chain = (tuple(Part(str(number), len(part)) for number, part in enumerate(parts)),)
    manifest = snapshots.manifest_from_bytes(snapshots.manifest_to_bytes(state, next_offset, chain))
    assert manifest.next_offset == next_offset
    rebuilding = Rebuilding(manifest, memory)
    for part in parts:
        rebuilding.add(part)
    return rebuilding.state()


def assert_equal(state: PartitionState, other: PartitionState) -> None:
    assert state.rules == other.rules
    assert list(state.streams) == list(other.streams)
    assert list(state.watches) == list(other.watches)
    assert state.clocks == other.clocks
    assert _going(state) == _going(other)
    assert state.begun == other.begun
    for stream, twin in zip(state.tables, other.tables, strict=True):
        assert (stream.features, stream.algorithm, stream.number) == (
            twin.features,
            twin.algorithm,
            twin.number,
        )
        assert_equal_tables(stream.entities, twin.entities)
        assert stream.arrays.keys() == twin.arrays.keys()
        for name, array in stream.arrays.items():
            np.testing.assert_array_equal(array, twin.arrays[name], strict=True)


def _going(state: PartitionState) -> dict[StreamKey, list[tuple[str, Episode]]]:
    return {key: list(going.items()) for key, going in state.episodes.items() if going}


def assert_equal_tables(table: EntityTable, other: EntityTable) -> None:
    """All that anybody can notice; where a name stands in the buffer is nobody's business."""
    assert table.names() == other.names()
    assert table.capacity == other.capacity
    assert table.kept_counts() == other.kept_counts()
    top = table.book.counts[TOP]
    for one, two in ((table.book, other.book),):
        assert one.counts[HELD] == two.counts[HELD]
        np.testing.assert_array_equal(one.lengths[:top], two.lengths[:top])
        np.testing.assert_array_equal(one.used[:top], two.used[:top])
        np.testing.assert_array_equal(one.door, two.door)
        np.testing.assert_array_equal(one.free[one.counts[TAKEN] :], two.free[two.counts[TAKEN] :])
