"""Slots of entities."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detection.domain.entities import EntityTable
from ad_detection.domain.names import Names
from tests.oracles.ad_detectors import names as plain
from tests.support.snapshots import assert_equal_tables

MANY = 1_000_000
ROWS = st.lists(st.text(max_size=2) | st.sampled_from("abcdefgh"), max_size=80)


def place(table: EntityTable, rows: list[str], limit: int = MANY) -> list[int]:
    """The slots of rows, as a worker finds them: whenever a name finds no room, others go."""
    names = list(dict.fromkeys(rows))
    codes = np.array([names.index(name) for name in rows], dtype=np.int64)
    found: list[int] = []
    while True:
        found += table.place(Names.of(names), codes, len(found), limit).tolist()
        if len(found) == len(rows):
            return found
        table.evict(table.oldest(limit))


@given(ROWS, st.integers(0, 80))
@settings(deadline=None)
def test_slots_do_not_depend_on_how_entities_are_cut_into_batches(rows: list[str], cut: int) -> None:
    whole, parts = EntityTable(), EntityTable()
    expected = {name: slot for slot, name in enumerate(dict.fromkeys(rows))}
    assert place(whole, rows) == [expected[name] for name in rows]
    assert place(parts, rows[:cut]) + place(parts, rows[cut:]) == [expected[name] for name in rows]
    assert whole.names() == parts.names() == list(expected)


@given(ROWS, st.lists(st.integers(0, 80), max_size=4), st.integers(1, 24))
@settings(deadline=None, max_examples=300)
def test_who_is_evicted_or_refused_depends_on_the_rows_alone(
    rows: list[str], cuts: list[int], limit: int
) -> None:
    table, door_bits = EntityTable(), max(8, 1 << (limit * 8 - 1).bit_length())
    twin = plain.Book(limit, limit - limit // 10, door_bits)
    bounds = [0, *sorted(cuts), len(rows)]
    found = [slot for start, stop in pairwise(bounds) for slot in place(table, rows[start:stop], limit)]
    assert found == [-1 if slot is None else slot for slot in twin.place([row.encode() for row in rows])]
    by_slot = sorted(twin.slots, key=lambda name: twin.slots[name])
    assert table.names() == [name.decode() for name in by_slot]
    assert (table.held, table.refused, table.rows) == (len(twin.slots), twin.refused, len(rows))
    assert table.held <= limit


def test_a_lower_limit_is_reached_when_the_next_entity_comes() -> None:
    table = EntityTable()
    place(table, [f"e{number}" for number in range(100)])
    place(table, ["e3"])
    place(table, ["new", "new"], limit=16)
    assert table.held == 15
    assert {"e3", "e99", "new"} <= set(table.names())
    assert table.evicted == 86


def test_a_table_leaves_little_room_unused_and_its_size_does_not_depend_on_how_it_was_filled() -> None:
    at_once, bit_by_bit = EntityTable(), EntityTable()
    names = [f"e{number}" for number in range(5_000)]
    place(at_once, names)
    assert at_once.outgrown()
    at_once.next_capacity()
    for start in range(0, len(names), 70):
        place(bit_by_bit, names[start : start + 70])
        bit_by_bit.next_capacity()
    assert_equal_tables(at_once, bit_by_bit)
    assert 5_000 <= at_once.capacity < 5_000 * 1.25


def test_what_changed_is_what_rows_touched_and_what_was_freed() -> None:
    table = EntityTable()
    place(table, [f"e{number}" for number in range(8)], limit=8)
    row = table.rows
    place(table, ["e5", "e0"], limit=8)
    assert [slots.tolist() for slots in table.changed_since(row)] == [[0, 5], []]
    place(table, ["new", "new"], limit=8)
    assert [slots.tolist() for slots in table.changed_since(row)] == [[0, 1, 5], []]
    table.evict(table.oldest(6))
    assert [slots.tolist() for slots in table.changed_since(row)] == [[0, 1, 5], [2, 3, 4]]


@given(ROWS, st.integers(1, 24), ROWS)
@settings(deadline=None)
def test_a_table_that_was_written_down_goes_on_as_the_first(
    rows: list[str], limit: int, later: list[str]
) -> None:
    table = EntityTable()
    place(table, rows, limit)
    slots = table.slots()
    again = EntityTable.sized(table.kept_counts(), table.capacity)
    again.put(slots, table.book.lengths[slots], table.name_bytes(slots), table.book.used[slots])
    free = np.flatnonzero(table.book.lengths[: table.kept_counts()[0]] < 0)
    again.free(free, table.book.used[free])
    again.complete(table.book.door.copy())
    assert_equal_tables(again, table)
    assert place(again, later, limit) == place(table, later, limit)
    assert_equal_tables(again, table)


def test_a_million_names_take_little_more_than_their_bytes() -> None:
    table, count = EntityTable(), 100_000
    names = Names.of([f"e{number:07d}" for number in range(count)])
    for start in range(0, count, 20_000):
        table.place(names, np.arange(start, start + 20_000), 0, MANY)
    taken = sum(array.nbytes for array in table.book)
    assert taken / count < 80
