"""The memory of a worker."""

from pathlib import Path

from ad_detection.domain.memory import Share
from tests.support.memory import Taken, limited


def test_what_tables_take_is_added_up_and_what_ends_is_free_again(tmp_path: Path) -> None:
    memory, one, other = limited(tmp_path, 100), Share(), Share()
    memory.set(one, 70, 5)
    memory.set(other, 50, 0)
    memory.set(one, 60, 10)
    assert (memory.free_bytes, memory.total.spilled_bytes) == (-10, 10)
    memory.release(one)
    assert (memory.free_bytes, memory.total.spilled_bytes) == (50, 0)


def test_counts_are_told_once(tmp_path: Path) -> None:
    memory = limited(tmp_path)
    memory.count(given_back=3)
    memory.count(returned=2)
    assert memory.take_counts() == (3, 2)
    assert memory.take_counts() == (0, 0)


def test_what_else_the_process_takes_is_not_there_for_tables(tmp_path: Path) -> None:
    process, table = Taken(resident=70), Share()
    memory = limited(tmp_path, 100, process)
    memory.set(table, 20, 0)
    assert memory.free_bytes == 80
    memory.look()
    assert (memory.beside_bytes, memory.free_bytes) == (50, 30)
    process.resident = 130
    memory.look()
    assert memory.free_bytes == -30


def test_what_was_freed_is_given_back_before_a_table_has_to_give_way(tmp_path: Path) -> None:
    process = Taken(resident=90, kept=60)
    memory = limited(tmp_path, 100, process)
    memory.look()
    assert (process.kept, memory.free_bytes) == (0, 10)


def test_what_was_freed_is_kept_while_there_is_room(tmp_path: Path) -> None:
    process = Taken(resident=50, kept=40)
    limited(tmp_path, 100, process).look()
    assert process.kept == 40
