"""Slots of entities."""

from hypothesis import given
from hypothesis import strategies as st

from ad_detection.domain.entities import EntityTable


@given(st.lists(st.text(max_size=3), max_size=60), st.integers(0, 60))
def test_slots_do_not_depend_on_how_entities_are_cut_into_batches(names: list[str], cut: int) -> None:
    whole, parts = EntityTable(), EntityTable()
    for table, batches in ((whole, [names]), (parts, [names[:cut], names[cut:]])):
        for batch in batches:
            table.assign(list(dict.fromkeys(batch)))
    assert whole.slots == parts.slots
    assert sorted(whole.slots.values()) == list(range(len(set(names))))


def test_a_table_leaves_little_room_unused_and_its_size_does_not_depend_on_how_it_was_filled() -> None:
    at_once, bit_by_bit = EntityTable(), EntityTable()
    names = [f"e{number}" for number in range(50_000)]
    at_once.assign(names)
    at_once.next_capacity()
    for start in range(0, len(names), 700):
        bit_by_bit.assign(names[start : start + 700])
        bit_by_bit.next_capacity()
    assert at_once == bit_by_bit
    assert 50_000 <= at_once.capacity < 50_000 * 1.25


def test_a_table_grows_and_survives_being_written_down() -> None:
    table = EntityTable()
    table.assign([f"e{number}" for number in range(40)])
    assert table.outgrown()
    assert table.next_capacity() == 48
    again = EntityTable.of(table.names(), table.capacity)
    assert again == table
