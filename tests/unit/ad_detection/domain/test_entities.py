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


def test_a_table_grows_by_doubling_and_survives_being_written_down() -> None:
    table = EntityTable()
    table.assign([f"e{number}" for number in range(40)])
    assert table.outgrown()
    assert table.next_capacity() == 64
    again = EntityTable.of(table.names(), table.capacity)
    assert again == table
