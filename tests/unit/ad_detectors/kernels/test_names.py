"""Slots of names against a dict."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels import names as kernels
from ad_detectors.kernels.names import ABSENT, HELD, REFUSED, TAKEN, TOP, Book
from tests.oracles.ad_detectors import names as plain

NAMES = st.lists(st.binary(max_size=6), max_size=60)
BITS = 256


def book(slots: int = 64, entries: int = 128, size: int = 1024) -> Book:
    return Book(
        table=np.zeros(entries, np.uint64),
        data=np.zeros(size, np.uint8),
        starts=np.zeros(slots, np.int64),
        lengths=np.full(slots, -1, np.int32),
        used=np.zeros(slots, np.int64),
        free=np.zeros(0, np.int64),
        door=np.zeros(BITS // 8, np.uint8),
        counts=np.zeros(TAKEN + 1, np.int64),
    )


def packed(names: list[bytes]):
    data = np.frombuffer(bytearray(b"".join(names)), np.uint8)
    starts = np.cumsum([0, *map(len, names)], dtype=np.int64)
    hashes = np.empty(len(names), np.uint64)
    kernels.hash_names(data, starts, hashes)
    return data, starts, hashes


def place(table: Book, rows: list[bytes], limit: int, mark: int) -> tuple[list[int], int]:
    distinct = list(dict.fromkeys(rows))
    data, starts, hashes = packed(distinct)
    slots, out = np.empty(len(distinct), np.int64), np.empty(len(rows), np.int64)
    kernels.find_names(table, data, starts, hashes, slots)
    codes = np.array([distinct.index(name) for name in rows], np.int64)
    stop = kernels.place_rows(table, data, starts, hashes, slots, codes, 0, limit, mark, out)
    return out[:stop].tolist(), stop


@given(NAMES)
def test_a_hash_is_the_same_in_every_process(names: list[bytes]) -> None:
    assert packed(names)[2].tolist() == [plain.hashed(name) for name in names]


@settings(deadline=None)
@given(NAMES, st.integers(0, 60), st.integers(1, 64))
def test_names_get_slots_in_the_order_in_which_they_appear_and_one_of_the_last_must_come_twice(
    rows: list[bytes], cut: int, mark: int
) -> None:
    table, twin = book(), plain.Book(64, mark, BITS)
    found = place(table, rows[:cut], 64, mark)[0] + place(table, rows[cut:], 64, mark)[0]
    assert found == [ABSENT if slot is None else slot for slot in twin.place(rows)]
    assert {name: int(table.used[slot]) for name, slot in twin.slots.items()} == twin.used
    assert (table.counts[HELD], table.counts[REFUSED]) == (len(twin.slots), twin.refused)


def test_a_full_table_stops_before_the_row_that_has_no_slot() -> None:
    found, stop = place(book(), [b"a", b"b", b"a", b"c", b"a"], limit=2, mark=3)
    assert (found, stop) == ([0, 1, 0], 3)


def test_who_was_at_the_door_is_forgotten_when_as_many_as_the_limit_were_there() -> None:
    crowd = [b"b", b"c", b"d", b"e"]
    found, _ = place(book(), [b"a", *crowd, b"f", b"g", b"b", b"f", b"g"], limit=4, mark=1)
    assert found == [0, *[ABSENT] * 7, 1, 2]


def test_free_slots_are_given_out_first_and_the_lowest_before_the_others() -> None:
    table = book()
    place(table, [b"a", b"b", b"c"], 64, 64)
    table.lengths[[0, 2]] = -1
    table.table[:] = 0
    kernels.enter_all(table)
    table = table._replace(free=np.array([0, 2]))
    assert place(table, [b"b", b"d", b"e", b"f"], 64, 64)[0] == [1, 0, 2, 3]


def test_names_of_one_hash_are_told_apart() -> None:
    table = book(entries=4)
    data, starts, _ = packed([b"ab", b"ac", b"", b"abc"])
    same = np.uint64(0xFFFFFFFF_FFFFFFFF)
    for name in range(3):
        assert kernels.find(table, data, starts[name], starts[name + 1], same) == ABSENT
        assert kernels.add(table, data, starts[name], starts[name + 1], same) == name
    for name in range(3):
        assert kernels.find(table, data, starts[name], starts[name + 1], same) == name
    assert kernels.find(table, data, starts[3], starts[4], same) == ABSENT


@given(st.lists(st.binary(max_size=6), max_size=60, unique=True), st.data())
@settings(deadline=None)
def test_names_can_be_copied_out_and_found_in_a_new_table(names: list[bytes], data) -> None:
    table = book()
    place(table, names, 64, 64)
    some = data.draw(st.lists(st.integers(0, len(names) - 1), max_size=9)) if names else []
    out = np.zeros(sum(len(names[slot]) for slot in some), np.uint8)
    kernels.copy_names(table, np.array(some, np.int64), out)
    assert out.tobytes() == b"".join(names[slot] for slot in some)
    again = table._replace(table=np.zeros(256, np.uint64))
    kernels.enter_all(again)
    assert again.counts[TOP] == len(names)
    assert place(again, names, 64, 64)[0] == list(range(len(names)))
