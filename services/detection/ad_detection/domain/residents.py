"""Entities whose arrays are in memory, and those whose arrays lie in a file: used last, kept longest.

An entity keeps its slot for good. Where a worker has a limit of memory, the arrays of a table have fewer rows than
there are slots, and a slot has a place in them only while it is used. What a detector computes of an entity depends on
its row, not on where that stands, so scores are the same bits with and without a limit.
"""

import math
from collections.abc import Iterator
from typing import Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from ad_detection.domain.memory import Bytes, Memory, Share, SpillFile, Whole

Arrays = dict[str, NDArray[Any]]
NEVER, SPILLED = -1, -2
"""Of slots without a place: nothing is known of their entity, or it lies in the file."""
NOBODY = -1
FIRST_PLACES = 16
FLOOR_BYTES = 256 << 10
"""So much a table may have however little memory is left."""
MOVED_BYTES = 1 << 20
"""So much is copied at a time."""
GIVEN_SHARE = 16
"""A sixteenth of the places is given back at once: to find the oldest ones, all are looked at."""


class Residents:
    """The rows of the arrays of one table. Only the arrays are shared with others, and they are replaced in place."""

    def __init__(self, memory: Memory, like: Arrays) -> None:
        """A table without entities, whose arrays are those of `like` but for the number of rows."""
        self.arrays = {name: _zeros(array, FIRST_PLACES) for name, array in like.items()}
        widths = [_width(array) for array in self.arrays.values()]
        self._ends = np.cumsum(widths).tolist()
        self._row_bytes, self._widest = sum(widths), max(widths)
        self._places = np.full(FIRST_PLACES, NEVER, dtype=np.int32)
        self._slots = np.full(FIRST_PLACES, NOBODY, dtype=np.int64)
        self._free = np.arange(FIRST_PLACES)
        self._floor = max(1, FLOOR_BYTES // self._row_bytes)
        self._memory, self._share = memory, Share()
        self._other_bytes = self._spilled = 0
        self._file: SpillFile | None = None
        finalize(self, memory.release, self._share)
        self._tell()

    @property
    def resident_bytes(self) -> int:
        return self._share.resident_bytes

    @property
    def most(self) -> int:
        """Entities that can be in memory at the same time, whatever happens."""
        return max(self._floor, len(self._slots))

    def settle(self, other_bytes: int, used: Whole) -> None:
        """Counts what the table takes beside its arrays, and gives back what is too much; `used` is by slot."""
        self._other_bytes = other_bytes
        self._tell()
        if self._memory.free_bytes < 0:
            self.shrink(used, at_least=-self._memory.free_bytes)

    def reach(self, slots: int) -> None:
        """There are so many slots from now on."""
        more = slots - len(self._places)
        if more > 0:
            self._places = np.concatenate([self._places, np.full(more, NEVER, dtype=np.int32)])

    def bring(self, slots: Whole, used: Whole) -> Whole:
        """The places of slots, no more than `most` different ones; they hold until the next call."""
        places = self._places[slots]
        if (places < 0).any():
            absent = np.unique(slots[places < 0])
            self._make_room(len(absent), places[places >= 0], used)
            self._fill(absent)
            places = self._places[slots]
        return places.astype(np.int64)

    def read(self, slots: Whole) -> Arrays:
        """The rows of ascending slots, wherever they are; nothing moves."""
        rows, places = np.zeros((len(slots), self._row_bytes), dtype=np.uint8), self._places[slots]
        held = places >= 0
        rows[held] = self._rows(places[held])
        away = places == SPILLED
        if away.any():
            rows[away] = self._opened().read(slots[away])
        return {name: self._part(rows, name) for name in self.arrays}

    def put(self, slots: Whole, arrays: Arrays) -> None:
        """The rows of ascending slots, none of which has a place, go to the file."""
        self._opened().write(slots, np.hstack([_as_bytes(arrays[name]) for name in self.arrays]))
        self._spilled += int((self._places[slots] != SPILLED).sum())
        self._places[slots] = SPILLED
        self._tell()

    def forget(self, slots: Whole) -> None:
        """Nothing is known of these any more."""
        places = self._places[slots]
        held = places[places >= 0]
        self._slots[held] = NOBODY
        self._free = np.concatenate([held.astype(np.int64), self._free])
        self._spilled -= int((places == SPILLED).sum())
        self._places[slots] = NEVER
        self._tell()

    def shrink(self, used: Whole, at_least: int = 0) -> None:
        """Gives back a quarter of the memory of the arrays, or more; what it costs is a copy of what stays."""
        have = len(self._slots)
        room = max(self._floor, min(have - have // 4, have - at_least // self._row_bytes))
        if room >= have:
            return
        excess = have - len(self._free) - room
        if excess > 0:
            self._give_back(excess, np.empty(0, dtype=np.int32), used)
        stay = np.flatnonzero(self._slots >= 0)
        for name, array in self.arrays.items():
            smaller = _zeros(array, room)
            # Without `clip`, take makes a second copy.
            np.take(array, stay, axis=0, out=smaller[: len(stay)], mode="clip")
            self.arrays[name] = smaller
            del array
        owners = np.full(room, NOBODY, dtype=np.int64)
        owners[: len(stay)] = self._slots[stay]
        self._slots, self._free = owners, np.arange(len(stay), room)
        self._places[owners[: len(stay)]] = np.arange(len(stay), dtype=np.int32)
        self._tell()

    def _make_room(self, needed: int, kept: NDArray[np.int32], used: Whole) -> None:
        if needed > len(self._free):
            self._grow(len(self._slots) - len(self._free) + needed)
        short = needed - len(self._free)
        if short > 0:
            self._give_back(max(short, len(self._slots) // GIVEN_SHARE), kept, used)

    def _grow(self, needed: int) -> None:
        """A quarter more, as elsewhere, or as much as the limit lets it; one array at a time is there twice."""
        have, room = len(self._slots), len(self._slots)
        while room < needed:
            room += max(FIRST_PLACES, room // 4)
        allowed = (self._memory.free_bytes + have * self._row_bytes) // (self._row_bytes + self._widest)
        if allowed < room:
            self._memory.hungry_bytes = self.resident_bytes
            # A little more each time would be a copy each time.
            room = max(min(room, self._floor), allowed if allowed > have + have // GIVEN_SHARE else have)
        if room <= have:
            return
        for name, array in self.arrays.items():
            larger = _zeros(array, room)
            larger[:have] = array
            self.arrays[name] = larger
            del array
        self._slots = np.concatenate([self._slots, np.full(room - have, NOBODY, dtype=np.int64)])
        self._free = np.concatenate([self._free, np.arange(have, room)])
        self._tell()

    def _give_back(self, count: int, kept: NDArray[np.int32], used: Whole) -> None:
        """Writes the least recently used to the file; those of `kept` are needed now."""
        free = self._slots < 0
        age = used[self._slots]
        age[free], age[kept] = np.iinfo(np.int64).max, np.iinfo(np.int64).max
        count = min(count, len(age) - len(np.unique(kept)) - int(free.sum()))
        oldest = np.argpartition(age, count - 1)[:count]
        oldest = oldest[np.argsort(self._slots[oldest])]
        for places in self._cut(oldest):
            self._opened().write(self._slots[places], self._rows(places))
        self._places[self._slots[oldest]] = SPILLED
        self._slots[oldest] = NOBODY
        self._free = np.concatenate([self._free, np.sort(oldest)])
        self._spilled += count
        self._memory.count(given_back=count)
        self._tell()

    def _fill(self, slots: Whole) -> None:
        """Gives ascending slots free places, with what is known of them."""
        places, self._free = self._free[: len(slots)], self._free[len(slots) :]
        away = self._places[slots] == SPILLED
        for array in self.arrays.values():
            array[places[~away]] = 0
        for part in self._cut(np.flatnonzero(away)):
            rows = self._opened().read(slots[part])
            for name, array in self.arrays.items():
                array[places[part]] = self._part(rows, name)
        self._slots[places], self._places[slots] = slots, places
        returned = int(away.sum())
        self._spilled -= returned
        self._memory.count(returned=returned)
        self._tell()

    def _cut(self, places: Whole) -> Iterator[Whole]:
        step = max(1, MOVED_BYTES // self._row_bytes)
        for start in range(0, len(places), step):
            yield places[start : start + step]

    def _rows(self, places: Whole | NDArray[np.int32]) -> Bytes:
        return np.hstack([_as_bytes(array[places]) for array in self.arrays.values()])

    def _part(self, rows: Bytes, name: str) -> NDArray[Any]:
        array = self.arrays[name]
        stop = self._ends[list(self.arrays).index(name)]
        own = np.ascontiguousarray(rows[:, stop - _width(array) : stop])
        return own.view(array.dtype).reshape(len(rows), *array.shape[1:])

    def _opened(self) -> SpillFile:
        if self._file is None:
            self._file = self._memory.open_file(self._row_bytes)
        return self._file

    def _tell(self) -> None:
        own = len(self._slots) * (self._row_bytes + 16) + self._places.nbytes
        self._memory.set(self._share, own + self._other_bytes, self._spilled * self._row_bytes)


def _zeros(like: NDArray[Any], rows: int) -> NDArray[Any]:
    return np.zeros((rows, *like.shape[1:]), like.dtype)


def _as_bytes(array: NDArray[Any]) -> Bytes:
    return np.ascontiguousarray(array).view(np.uint8).reshape(len(array), _width(array))


def _width(array: NDArray[Any]) -> int:
    """Bytes of a row."""
    return array.itemsize * math.prod(array.shape[1:])
