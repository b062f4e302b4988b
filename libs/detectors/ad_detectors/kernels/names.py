"""Names in one buffer and their numbers, found by a hash table with open addressing: no object per name."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

Bytes = NDArray[np.uint8]
Whole = NDArray[np.int64]
Entries = NDArray[np.uint64]
ABSENT = np.int64(-1)
HELD, TOP, SIZE, ROWS, SEEN, REFUSED, EVICTED, TAKEN = range(8)
"""Places in `Book.counts`: slots in use, slots ever used, bytes of names, rows, names at the door since it was
emptied, rows refused, names evicted, free slots given out again."""
START, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
SPREAD, HALF, BIT, TAG = np.uint64(0xFF51AFD7ED558CCD), np.uint64(32), np.uint64(3), np.uint64(0xFFFFFFFF)
PROBES = 4


class Book(NamedTuple):
    """Which name has which slot. An entry of the table is the upper half of the hash and the slot + 1; 0 is free."""

    table: Entries
    data: Bytes
    starts: Whole
    lengths: NDArray[np.int32]
    """Of a slot that nobody has: -1."""
    used: Whole
    """The row that came last, counted from the first of the stream."""
    free: Whole
    door: Bytes
    """Bits of a Bloom filter, a power of two; empty while nobody is refused."""
    counts: Whole


@kernel
def hash_names(data: Bytes, starts: Whole, hashes: Entries) -> None:
    """The hash of each name: FNV-1a, mixed once more, since its upper bits know little of the last bytes."""
    for name in range(len(hashes)):
        value = START
        for place in range(starts[name], starts[name + 1]):
            value = (value ^ np.uint64(data[place])) * PRIME
        value = (value ^ (value >> HALF)) * SPREAD
        hashes[name] = value ^ (value >> HALF)


@kernel
def find(book: Book, data: Bytes, start: int, stop: int, hashed: np.uint64) -> np.int64:
    """The slot of a name, or ABSENT."""
    mask = len(book.table) - 1
    place = np.int64(hashed & np.uint64(mask))
    while book.table[place] != np.uint64(0):
        entry = book.table[place]
        if entry >> HALF == hashed >> HALF:
            slot = np.int64(entry & TAG) - 1
            if book.lengths[slot] == stop - start:
                first, same = book.starts[slot], True
                for step in range(stop - start):
                    if book.data[first + step] != data[start + step]:
                        same = False
                        break
                if same:
                    return slot
        place = (place + 1) & mask
    return ABSENT


@kernel
def find_names(book: Book, data: Bytes, starts: Whole, hashes: Entries, slots: Whole) -> int:
    """Set the slot of each name, or ABSENT; return how many are absent."""
    absent = 0
    for name in range(len(slots)):
        slots[name] = find(book, data, starts[name], starts[name + 1], hashes[name])
        absent += slots[name] == ABSENT
    return absent


@kernel
def enter(table: Entries, hashed: np.uint64, slot: int) -> None:
    """Put a slot that is not there into the table, which must have room."""
    mask = len(table) - 1
    place = np.int64(hashed & np.uint64(mask))
    while table[place] != np.uint64(0):
        place = (place + 1) & mask
    table[place] = ((hashed >> HALF) << HALF) | np.uint64(slot + 1)


@kernel
def add(book: Book, data: Bytes, start: int, stop: int, hashed: np.uint64) -> np.int64:
    """Give an absent name the lowest free slot."""
    counts = book.counts
    if counts[TAKEN] < len(book.free):
        slot = book.free[counts[TAKEN]]
        counts[TAKEN] += 1
    else:
        slot = counts[TOP]
        counts[TOP] += 1
    size = counts[SIZE]
    for step in range(stop - start):
        book.data[size + step] = data[start + step]
    book.starts[slot] = size
    book.lengths[slot] = stop - start
    counts[SIZE] = size + stop - start
    counts[HELD] += 1
    enter(book.table, hashed, slot)
    return np.int64(slot)


@kernel
def knock(book: Book, hashed: np.uint64, most: int) -> bool:
    """Whether the name was at the door before; from now on it was. The filter is emptied after `most` names."""
    mask = np.uint64(len(book.door) * 8 - 1)
    step = (hashed >> HALF) | np.uint64(1)
    bit, before = hashed, True
    for _ in range(PROBES):
        before = before and (book.door[(bit & mask) >> BIT] >> (bit & np.uint64(7))) & np.uint64(1) != 0
        bit = bit + step
    if before:
        return True
    if book.counts[SEEN] >= most:
        book.door[:] = 0
        book.counts[SEEN] = 0
    bit = hashed
    for _ in range(PROBES):
        book.door[(bit & mask) >> BIT] |= np.uint8(1) << np.uint8(bit & np.uint64(7))
        bit = bit + step
    book.counts[SEEN] += 1
    return False


@kernel
def place_rows(
    book: Book,
    data: Bytes,
    starts: Whole,
    hashes: Entries,
    slots: Whole,
    codes: Whole,
    first: int,
    limit: int,
    mark: int,
    rows: Whole,
) -> int:
    """Set the slot of each row from `first` on, in their order; return the row before which one must be evicted.

    With `mark` slots in use, a name that was not at the door before is refused: its row has the slot ABSENT. With
    `limit` slots in use, the next new name has no slot, so the rows before it end here.
    """
    counts = book.counts
    for row in range(first, len(codes)):
        name = codes[row]
        slot = slots[name]
        if slot == ABSENT:
            if counts[HELD] >= mark and not knock(book, hashes[name], limit):
                rows[row] = ABSENT
                counts[REFUSED] += 1
                counts[ROWS] += 1
                continue
            if counts[HELD] >= limit:
                return row
            slot = add(book, data, starts[name], starts[name + 1], hashes[name])
            slots[name] = slot
        rows[row] = slot
        book.used[slot] = counts[ROWS]
        counts[ROWS] += 1
    return len(codes)


@kernel
def enter_all(book: Book) -> None:
    """Fill an empty table with every name."""
    hashes = np.empty(1, np.uint64)
    span = np.empty(2, np.int64)
    for slot in range(book.counts[TOP]):
        if book.lengths[slot] >= 0:
            span[0], span[1] = book.starts[slot], book.starts[slot] + book.lengths[slot]
            hash_names(book.data, span, hashes)
            enter(book.table, hashes[0], slot)


@kernel
def copy_names(book: Book, slots: Whole, data: Bytes) -> None:
    """The names of slots, one after the other."""
    size = 0
    for slot in slots:
        for step in range(book.lengths[slot]):
            data[size] = book.data[book.starts[slot] + step]
            size += 1
