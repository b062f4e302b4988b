"""The form of snapshots: parts that hold slots of entities as plain arrays, and a manifest that says which parts count.

A snapshot is a chain: the parts of a whole state, then those of what changed, each time since the one before. A part
that comes later replaces the slots that it holds.
"""

import io
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ad_detection.domain.control import StreamKey
from ad_detection.domain.entities import EntityTable
from ad_detection.domain.episodes import Episode
from ad_detection.domain.event_time import EventClock
from ad_detection.domain.memory import Memory
from ad_detection.domain.state import PartitionState, StreamState
from ad_detection.domain.written_rules import SnapshotError, rule_from_builtins, rule_to_builtins

FORMAT = 2
PART_BYTES = 8 << 20
"""About so large is a part, and as much memory takes the writing and the reading of a snapshot."""
CONTENTS = "contents"
HEADER_FROM = 10
""".npy of version 1: six bytes of magic, two of the version, two of the length of the header."""
Arrays = dict[str, NDArray[Any]]


class Part(msgspec.Struct, frozen=True):
    key: str
    size_bytes: int


Link = tuple[Part, ...]
"""What one snapshot wrote: everything, or what had changed."""


class WrittenStream(msgspec.Struct, frozen=True):
    """A stream at the moment of a snapshot; parts know it by its number."""

    key: tuple[str, str]
    number: int
    features: tuple[str, ...]
    algorithm: str
    capacity: int
    counts: list[int]
    watch: bool = False
    """Whether it is when the entities were seen last, and not what was learnt of them."""


class WrittenClock(msgspec.Struct, frozen=True):
    """How far the time of a stream had come."""

    key: tuple[str, str]
    watermark_ms: int | None
    told: int
    last_offset: int = -1


class WrittenEpisodes(msgspec.Struct, frozen=True):
    """The episodes of a stream that went on, by entity, the oldest first."""

    key: tuple[str, str]
    going: list[tuple[str, Episode]]


class Manifest(msgspec.Struct, frozen=True):
    """All that a snapshot says beside its parts; what the parts hold of other streams is forgotten."""

    format: int
    next_offset: int
    begun: int
    rules: list[dict[str, Any]]
    streams: list[WrittenStream]
    chain: tuple[Link, ...]
    clocks: tuple[WrittenClock, ...] = ()
    episodes: tuple[WrittenEpisodes, ...] = ()


def manifest_to_bytes(state: PartitionState, next_offset: int, chain: tuple[Link, ...]) -> bytes:
    streams = [_written(key, stream) for key, stream in state.streams.items()]
    streams += [_written(key, watch, watch=True) for key, watch in state.watches.items()]
    rules = [rule_to_builtins(rule) for rule in state.rules.values()]
    clocks = tuple(
        WrittenClock(key, clock.watermark_ms, clock.told, clock.last_offset)
        for key, clock in state.clocks.items()
    )
    episodes = tuple(
        WrittenEpisodes(key, list(going.items())) for key, going in state.episodes.items() if going
    )
    return msgspec.json.encode(
        Manifest(FORMAT, next_offset, state.begun, rules, streams, chain, clocks, episodes)
    )


def manifest_from_bytes(data: bytes) -> Manifest:
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"the snapshot is damaged: {error}") from error
    if manifest.format != FORMAT:
        raise SnapshotError(f"the snapshot has format {manifest.format}; this version reads 1 and {FORMAT}")
    return manifest


def parts(state: PartitionState, *, whole: bool) -> Iterator[bytes]:
    """Everything, or what changed since `mark_written`; nothing of it may change before the last part is taken."""
    numbers: list[int] = []
    arrays: Arrays = {}
    size_bytes = 0
    for number, piece in _pieces(state, whole=whole):
        arrays |= {f"{len(numbers)}.{name}": array for name, array in piece.items()}
        numbers.append(number)
        size_bytes += sum(array.nbytes for array in piece.values())
        if size_bytes >= PART_BYTES:
            yield _packed(numbers, arrays)
            numbers, arrays, size_bytes = [], {}, 0
    if numbers:
        yield _packed(numbers, arrays)


def mark_written(state: PartitionState) -> None:
    for stream in state.tables:
        stream.written = stream.entities.rows


class Rebuilding:
    """A state that is put together from the parts of a manifest, in their order."""

    def __init__(self, manifest: Manifest, memory: Memory | None = None) -> None:
        self._manifest = manifest
        self._memory = memory
        self._watches = {written.number for written in manifest.streams if written.watch}
        self._doors: dict[int, NDArray[np.uint8]] = {}
        self._streams = {
            written.number: StreamState(
                features=written.features,
                entities=EntityTable.sized(written.counts, written.capacity),
                arrays={},
                algorithm=written.algorithm,
                number=written.number,
            )
            for written in manifest.streams
        }

    def add(self, data: bytes) -> None:
        try:
            arrays = _unpacked(data)
            numbers = msgspec.json.decode(arrays.pop(CONTENTS).tobytes(), type=list[int])
            pieces = _by_place(arrays)
            for place, number in enumerate(numbers):
                if number in self._streams:
                    self._put(number, pieces[str(place)])
        except (KeyError, IndexError, TypeError, ValueError, msgspec.MsgspecError) as error:
            raise SnapshotError(f"the snapshot is damaged: {error}") from error

    def state(self) -> PartitionState:
        state = PartitionState(begun=self._manifest.begun, memory=self._memory)
        for rule in map(rule_from_builtins, self._manifest.rules):
            state.rules[rule.key] = rule
        for written in self._manifest.streams:
            stream = self._streams[written.number]
            (state.watches if written.watch else state.streams)[written.key] = stream
            stream.entities.complete(self._doors.get(written.number, np.zeros(0, dtype=np.uint8)))
            stream.written = stream.entities.rows
        for clock in self._manifest.clocks:
            state.clocks[clock.key] = EventClock(clock.watermark_ms, clock.told, clock.last_offset)
        for open_ in self._manifest.episodes:
            state.episodes[open_.key] = dict(open_.going)
        return state

    def _put(self, number: int, piece: Arrays) -> None:
        stream, own = self._streams[number], _under("array.", piece)
        if not stream.arrays:
            self._make_room(number, stream, own)
        stream.entities.put(piece["slots"], piece["lengths"], piece["names"], piece["used"])
        stream.put(piece["slots"], own)
        if "free" in piece:
            stream.entities.free(piece["free"], piece["free_used"])
            stream.forget(piece["free"])
        if "door" in piece:
            self._doors[number] = piece["door"]

    def _make_room(self, number: int, stream: StreamState, like: Arrays) -> None:
        memory = None if number in self._watches else self._memory
        rows = stream.entities.capacity if memory is None else 1
        stream.arrays = {
            name: np.zeros((rows, *array.shape[1:]), array.dtype) for name, array in like.items()
        }
        if memory is not None:
            stream.limit(memory)


def _written(key: StreamKey, stream: StreamState, *, watch: bool = False) -> WrittenStream:
    table = stream.entities
    capacity, counts = table.capacity, table.kept_counts()
    return WrittenStream(key, stream.number, stream.features, stream.algorithm, capacity, counts, watch)


def _pieces(state: PartitionState, *, whole: bool) -> Iterator[tuple[int, Arrays]]:
    for stream in state.tables:
        table = stream.entities
        if not whole and table.rows == stream.written:
            continue
        slots, free = table.changed_since(0 if whole else stream.written)
        more: Arrays = {}
        if len(free):
            more |= {"free": free, "free_used": table.book.used[free]}
        if len(table.book.door):
            more["door"] = table.book.door
        step = max(1, PART_BYTES // max(1, stream.entity_bytes))
        for start in range(0, max(1, len(slots)), step):
            yield stream.number, _of_slots(stream, slots[start : start + step]) | more
            more = {}


def _of_slots(stream: StreamState, slots: NDArray[np.int64]) -> Arrays:
    table = stream.entities
    return {
        "slots": slots,
        "lengths": table.book.lengths[slots],
        "names": table.name_bytes(slots),
        "used": table.book.used[slots],
        **{f"array.{name}": array for name, array in stream.rows(slots).items()},
    }


def _packed(numbers: list[int], arrays: Arrays) -> bytes:
    contents = np.frombuffer(msgspec.json.encode(numbers), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays, **{CONTENTS: contents})
    return buffer.getvalue()


def _unpacked(data: bytes) -> Arrays:
    """As `np.load`, which takes every header apart: with 10,000 streams that is half a million times."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as stored:
            return {name.removesuffix(".npy"): _array(stored.read(name)) for name in stored.namelist()}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise SnapshotError(f"the snapshot is damaged: {error}") from error


def _array(data: bytes) -> NDArray[Any]:
    end = HEADER_FROM + int.from_bytes(data[HEADER_FROM - 2 : HEADER_FROM], "little")
    shape, by_columns, dtype = _header(data[:end])
    if dtype.hasobject:
        raise ValueError("an array of objects is no part of a snapshot")
    array = np.frombuffer(data, dtype, offset=end).reshape(shape, order="F" if by_columns else "C")
    return array.copy(order="K")  # kernels are compiled for arrays that can be written


@lru_cache(maxsize=4096)
def _header(data: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, order and type; few arrays have one that no other has."""
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("an array of another version of the format")
    return np.lib.format.read_array_header_1_0(stream)


def _by_place(arrays: Arrays) -> dict[str, Arrays]:
    pieces: dict[str, Arrays] = {}
    for name, array in arrays.items():
        place, _, rest = name.partition(".")
        pieces.setdefault(place, {})[rest] = array
    return pieces


def _under(prefix: str, arrays: Arrays) -> Arrays:
    return {name[len(prefix) :]: array for name, array in arrays.items() if name.startswith(prefix)}
