"""Entities of a stream and the slots of their detector state: arrays by slot, no object per entity."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detection.domain.names import Names
from ad_detectors.kernels import names as kernels
from ad_detectors.kernels.names import EVICTED, HELD, REFUSED, ROWS, SEEN, SIZE, TAKEN, TOP, Book, Whole

FIRST_CAPACITY = 16
FIRST_BYTES = 256
FREE = -1
EVICTED_SHARE = 8
ADMISSION_SHARE = 10
"""An eighth of the limit is evicted at once, and the last tenth is only for names that come a second time."""
DOOR_BITS = 8
"""Per entity of the limit: of names that were never there, one in 40 is let in at most."""
KEPT = (TOP, ROWS, SEEN, REFUSED, EVICTED)
"""The counts that do not follow from what stands in the slots."""


@dataclass(slots=True)
class EntityTable:
    """Gives every entity a slot, in the order in which they first appear; beyond a limit those used last keep theirs.

    All of it follows from the rows and their order, never from the clock or how rows are cut into batches.
    """

    book: Book = field(default_factory=lambda: _book(FIRST_CAPACITY))
    capacity: int = 1
    """Slots for which the detector has room."""

    def place(self, names: Names, codes: Whole, first: int, limit: int) -> NDArray[np.int64]:
        """The slots of rows from `first` on, -1 for refused ones; up to the row before which `evict` must be called.

        `codes` says which of the names a row has.
        """
        slots = np.empty(len(names), dtype=np.int64)
        absent = kernels.find_names(self.book, names.data, names.starts, names.hashes, slots)
        mark = limit - limit // ADMISSION_SHARE
        if absent:
            self._make_room(absent, len(names.data), limit, door=self.held + absent > mark)
        rows = np.empty(len(codes), dtype=np.int64)
        stop = kernels.place_rows(
            self.book, names.data, names.starts, names.hashes, slots, codes, first, limit, mark, rows
        )
        return rows[first:stop]

    def oldest(self, limit: int) -> Whole:
        """The slots of those that came longest ago, which must go to make room below the limit; ascending."""
        own = self.slots()
        keep = limit - max(1, limit // EVICTED_SHARE)
        oldest = np.argpartition(self.book.used[own], len(own) - keep - 1)[: len(own) - keep]
        return np.sort(own[oldest])

    def latest(self, slots: Whole, most: int) -> Whole:
        """Of slots that somebody has, those that were used last."""
        if len(slots) > most:
            slots = slots[np.argpartition(self.book.used[slots], len(slots) - most)[-most:]]
        return slots

    def evict(self, freed: Whole) -> Whole:
        """Slots that are free from now on."""
        book = self.book
        book.lengths[freed] = FREE
        book.used[freed] = book.counts[ROWS]
        book.counts[EVICTED] += len(freed)
        self._order()
        return freed

    @property
    def held(self) -> int:
        return int(self.book.counts[HELD])

    @property
    def rows(self) -> int:
        """Rows seen so far, also of those that were evicted or refused."""
        return int(self.book.counts[ROWS])

    @property
    def refused(self) -> int:
        return int(self.book.counts[REFUSED])

    @property
    def evicted(self) -> int:
        return int(self.book.counts[EVICTED])

    def outgrown(self) -> bool:
        return bool(self.book.counts[TOP] > self.capacity)

    def next_capacity(self) -> int:
        """A quarter more each time: constant cost per entity, and little room that nobody uses."""
        self.capacity = _enough(self.capacity, int(self.book.counts[TOP]))
        return self.capacity

    def slots(self) -> Whole:
        """Those that somebody has."""
        return np.flatnonzero(self.book.lengths[: self.book.counts[TOP]] >= 0)

    def changed_since(self, row: int) -> tuple[Whole, Whole]:
        """Slots that somebody has, and slots that are free, of those that changed with this row or later."""
        top = self.book.counts[TOP]
        changed, free = self.book.used[:top] >= row, self.book.lengths[:top] < 0
        return np.flatnonzero(changed & ~free), np.flatnonzero(changed & free)

    def names(self, slots: Whole | None = None) -> list[str]:
        """Entities of slots that somebody has: of those given, or of all in their order."""
        slots = self.slots() if slots is None else slots
        data, ends = self.name_bytes(slots).tobytes(), np.cumsum(self.book.lengths[slots]).tolist()
        return [data[start:end].decode() for start, end in zip([0, *ends], ends, strict=False)]

    def name_bytes(self, slots: Whole) -> NDArray[np.uint8]:
        """The names of slots, one after the other."""
        data = np.empty(int(self.book.lengths[slots].sum()), dtype=np.uint8)
        kernels.copy_names(self.book, slots, data)
        return data

    def kept_counts(self) -> list[int]:
        return [int(self.book.counts[place]) for place in KEPT]

    @classmethod
    def sized(cls, counts: list[int], capacity: int) -> "EntityTable":
        """A table to `put` what is known into, and then to `complete`."""
        table = cls(_book(max(FIRST_CAPACITY, counts[0])), capacity)
        table.book.counts[list(KEPT)] = counts
        return table

    def put(self, slots: Whole, lengths: NDArray[np.int32], data: NDArray[np.uint8], used: Whole) -> None:
        """Names and last rows of slots, as they stood at one time; what is put later counts."""
        book = self.book
        ends = np.cumsum(lengths, dtype=np.int64)
        size = int(book.counts[SIZE])
        self._make_room_for_bytes(len(data))
        book = self.book
        book.data[size : size + len(data)] = data
        book.starts[slots] = size + ends - lengths
        book.lengths[slots], book.used[slots] = lengths, used
        book.counts[SIZE] += len(data)

    def free(self, slots: Whole, used: Whole) -> None:
        """Slots that nobody had at one time."""
        self.book.lengths[slots], self.book.used[slots] = FREE, used

    def complete(self, door: NDArray[np.uint8]) -> None:
        """To be called when everything was put."""
        self.book = self.book._replace(door=door)
        self._order()

    def _order(self) -> None:
        """Buffer, table and free slots anew, from the names that are left."""
        book, own = self.book, self.slots()
        data, lengths = self.name_bytes(own), book.lengths[own]
        book.starts[own] = np.cumsum(lengths, dtype=np.int64) - lengths
        free = np.flatnonzero(book.lengths[: book.counts[TOP]] < 0)
        book.counts[[HELD, SIZE, TAKEN]] = len(own), len(data), 0
        self.book = book._replace(data=_grown(data, FIRST_BYTES), free=free)
        self._index(len(own))

    def _make_room(self, absent: int, size_bytes: int, limit: int, *, door: bool) -> None:
        book, counts = self.book, self.book.counts
        if door and len(book.door) == 0:
            book = book._replace(door=np.zeros(_power_of_two(limit * DOOR_BITS) // 8, dtype=np.uint8))
        new = absent - (len(book.free) - int(counts[TAKEN]))
        slots = _enough(len(book.starts), min(int(counts[TOP]) + new, max(limit, int(counts[TOP]))))
        self.book = book._replace(
            starts=_grown(book.starts, slots),
            lengths=_grown(book.lengths, slots),
            used=_grown(book.used, slots),
        )
        self._make_room_for_bytes(size_bytes)
        if 2 * (self.held + absent) > len(book.table):
            self._index(self.held + absent)

    def _make_room_for_bytes(self, more: int) -> None:
        book = self.book
        data = _grown(book.data, _enough(len(book.data), int(book.counts[SIZE]) + more))
        self.book = book._replace(data=data)

    def _index(self, entries: int) -> None:
        table = np.zeros(_power_of_two(max(FIRST_CAPACITY, 2 * entries)), dtype=np.uint64)
        self.book = self.book._replace(table=table)
        kernels.enter_all(self.book)


def _book(slots: int) -> Book:
    return Book(
        table=np.zeros(2 * FIRST_CAPACITY, dtype=np.uint64),
        data=np.zeros(FIRST_BYTES, dtype=np.uint8),
        starts=np.zeros(slots, dtype=np.int64),
        lengths=np.full(slots, FREE, dtype=np.int32),
        used=np.zeros(slots, dtype=np.int64),
        free=np.zeros(0, dtype=np.int64),
        door=np.zeros(0, dtype=np.uint8),
        counts=np.zeros(TAKEN + 1, dtype=np.int64),
    )


def _enough(have: int, need: int) -> int:
    while have < need:
        have += max(1, min(have, FIRST_CAPACITY), have // 4)
    return have


def _grown(array: NDArray[Any], length: int) -> NDArray[Any]:
    """With room at its end, which takes no memory before it is used."""
    if length <= len(array):
        return array
    grown = np.zeros(length, dtype=array.dtype)
    grown[: len(array)] = array
    return grown


def _power_of_two(least: int) -> int:
    return 1 << max(0, least - 1).bit_length()
