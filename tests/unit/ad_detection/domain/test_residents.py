"""Entities in memory and in the file."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detection.domain import residents as module
from ad_detection.domain.residents import Residents
from tests.support.memory import limited

LIKE = {
    "level": np.zeros(1, dtype=np.float64),
    "counts": np.zeros((1, 3), dtype=np.int16),
    "hour": np.zeros(1, dtype=np.uint8),
}
ROW_BYTES = 15
SLOTS = 60
steps = st.lists(
    st.one_of(
        st.tuples(st.just("use"), st.lists(st.integers(0, SLOTS - 1), min_size=1, max_size=12)),
        st.tuples(st.just("forget"), st.sets(st.integers(0, SLOTS - 1), min_size=1, max_size=5)),
        st.tuples(st.just("shrink"), st.just([])),
        st.tuples(st.just("read"), st.sets(st.integers(0, SLOTS - 1), max_size=20)),
    ),
    max_size=40,
)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places for 8 entities at least, moved two at a time."""
    monkeypatch.setattr(module, "FLOOR_BYTES", 8 * ROW_BYTES)
    monkeypatch.setattr(module, "MOVED_BYTES", 2 * ROW_BYTES)
    monkeypatch.setattr(module, "FIRST_PLACES", 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spilled")


def table(folder: Path, limit_bytes: int = 0) -> Residents:
    residents = Residents(limited(folder, limit_bytes), LIKE)
    residents.reach(SLOTS)
    return residents


def use(residents: Residents, plain: dict[str, np.ndarray], slots: list[int], used: np.ndarray) -> None:
    """Changes the rows of slots, here and in arrays without a limit."""
    used[slots] = used.max() + 1 + np.arange(len(slots))
    for start in range(0, len(slots), residents.most):
        own = np.array(slots[start : start + residents.most])
        places = residents.bring(own, used)
        for place, slot in zip(places, own, strict=True):
            for arrays, row in ((residents.arrays, place), (plain, slot)):
                arrays["level"][row] = arrays["level"][row] * 1.5 + slot + 0.1
                arrays["counts"][row] += [1, slot, 2]
                arrays["hour"][row] += 1


@pytest.mark.usefixtures("few")
@settings(max_examples=150, deadline=None)
@given(steps=steps, limit_bytes=st.sampled_from([0, 1_500, 3_000, 1 << 20]))
def test_whatever_is_used_forgotten_and_given_back_every_row_is_that_of_arrays_without_a_limit(
    folder: Path, steps: list[tuple[str, list[int]]], limit_bytes: int
) -> None:
    residents, used = table(folder, limit_bytes), np.zeros(SLOTS, dtype=np.int64)
    plain = {name: np.zeros((SLOTS, *array.shape[1:]), array.dtype) for name, array in LIKE.items()}
    for step, slots in steps:
        own = np.array(sorted(slots), dtype=np.int64)
        if step == "use":
            residents.settle(0, used)
            use(residents, plain, list(slots), used)
        elif step == "forget":
            residents.forget(own)
            for array in plain.values():
                array[own] = 0
        elif step == "shrink":
            residents.shrink(used)
        else:
            assert all((found == plain[name][own]).all() for name, found in residents.read(own).items())
    found = residents.read(np.arange(SLOTS))
    assert {name: array.tobytes() for name, array in found.items()} == {
        name: array.tobytes() for name, array in plain.items()
    }


@pytest.mark.usefixtures("few")
def test_what_was_used_last_stays_and_the_oldest_goes_to_the_file(folder: Path) -> None:
    memory = limited(folder)
    residents, used = Residents(memory, LIKE), np.arange(SLOTS)
    residents.reach(SLOTS)
    residents.bring(np.arange(8), used)
    used[0] = SLOTS
    residents.bring(np.array([8]), used)
    assert memory.total.spilled_bytes == ROW_BYTES
    assert memory.take_counts() == (1, 0)
    residents.bring(np.array([0, 2, 3, 4, 5, 6, 7, 8]), used)
    assert memory.take_counts() == (0, 0)
    residents.bring(np.array([1]), used)
    assert memory.take_counts() == (1, 1)


@pytest.mark.usefixtures("few")
def test_the_memory_of_all_tables_stays_below_the_limit_but_for_the_least_of_each(folder: Path) -> None:
    memory = limited(folder, 20_000)
    used = np.arange(10_000)
    tables = [Residents(memory, LIKE) for _ in range(3)]
    for start in range(0, 3_000, 8):
        for residents in tables:
            residents.reach(start + 8)
            residents.settle(start, used)
            residents.bring(np.arange(start, start + 8), used)
            assert memory.total.resident_bytes <= 20_000 + 3 * 4 * start
    assert memory.total.spilled_bytes > 0


def test_a_table_that_is_gone_takes_nothing(folder: Path) -> None:
    memory = limited(folder, 1 << 30)
    residents = Residents(memory, LIKE)
    assert memory.total.resident_bytes == residents.resident_bytes > 0
    del residents
    assert memory.total.resident_bytes == 0


@pytest.mark.usefixtures("few")
def test_a_table_that_finds_no_room_says_how_much_it_has(folder: Path) -> None:
    memory = limited(folder)
    residents = Residents(memory, LIKE)
    residents.reach(SLOTS)
    residents.bring(np.arange(6), np.arange(SLOTS))
    assert memory.hungry_bytes is not None


@pytest.mark.usefixtures("few")
def test_rows_of_a_snapshot_go_to_the_file_and_come_back_when_they_are_used(folder: Path) -> None:
    memory = limited(folder)
    residents = Residents(memory, LIKE)
    residents.reach(4)
    rows = {
        "level": np.array([1.5, 2.5]),
        "counts": np.array([[1, 2, 3], [4, 5, 6]], dtype=np.int16),
        "hour": np.array([7, 8], dtype=np.uint8),
    }
    residents.put(np.array([1, 3]), rows)
    assert memory.total.spilled_bytes == 2 * ROW_BYTES
    place = residents.bring(np.array([3]), np.arange(4))
    assert residents.arrays["counts"][place].tolist() == [[4, 5, 6]]
    assert memory.total.spilled_bytes == ROW_BYTES
