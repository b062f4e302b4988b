"""The memory of a worker."""

from pathlib import Path

from ad_detection.domain.memory import Share
from tests.support.memory import limited


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
