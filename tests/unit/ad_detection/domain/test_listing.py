"""Lists of entities in the memory of a worker."""

import numpy as np
import pytest

from ad_detection.domain import listing
from ad_detection.domain.listing import Listed, Marks, StreamLists
from tests.support.entity_lists import met


class Lists(StreamLists):
    """With marks of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.marks = Marks()

    def see(self, rows: str, at_ms: int, **more) -> None:
        self.add(met(rows, **more), self.marks, at_ms)


def names(listed: list[Listed]) -> list[str]:
    return [each.entity for each in listed]


def test_entities_are_listed_with_how_many_records_and_when() -> None:
    lists = Lists()
    lists.see("a b a", 1_000, refused=[1])
    lists.see("a", 2_000, evicted=["z", "y"])
    changes = lists.take()
    assert changes.listed["cold"] == [Listed("a", 3, 1_000, 2_000)]
    assert changes.listed["refused"] == [Listed("b", 1, 1_000, 1_000)]
    assert changes.listed["evicted"] == [Listed("z", 1, 2_000, 2_000), Listed("y", 1, 2_000, 2_000)]
    assert lists.empty


def test_an_entity_whose_last_row_is_not_cold_is_taken_off_the_list() -> None:
    lists = Lists()
    lists.see("a b c", 1)
    lists.take()
    lists.see("a A B b", 2)
    changes = lists.take()
    assert changes.warmed == {"a"}
    assert names(changes.listed["cold"]) == ["b"]
    assert list(lists.cold) == ["b", "c"]


def test_one_that_was_cold_and_warm_since_the_last_time_is_not_listed() -> None:
    lists = Lists()
    lists.see("a b", 1)
    lists.see("A", 2)
    changes = lists.take()
    assert changes.warmed == {"a"}
    assert names(changes.listed["cold"]) == ["b"]


def test_one_that_is_cold_again_is_listed_again() -> None:
    lists = Lists()
    for at_ms, rows in enumerate("aAa"):
        lists.see(rows, at_ms)
    changes = lists.take()
    assert changes.warmed == frozenset()
    assert changes.listed["cold"] == [Listed("a", 2, 0, 2)]


def test_entities_that_another_worker_listed_warm_up_here() -> None:
    lists = Lists()
    lists.learn(["a"], lists.marks)
    lists.see("A B", 1)
    assert lists.take().warmed == {"a"}


def test_where_all_are_known_nothing_is_noted() -> None:
    lists = Lists()
    lists.see("A B C", 1)
    assert lists.empty


def test_names_that_only_pass_for_cold_ones_are_not_taken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MARKS", 1)
    lists = Lists()
    lists.see("a", 1)
    lists.see("B C", 2)
    changes = lists.take()
    assert changes.warmed == frozenset()
    assert names(changes.listed["cold"]) == ["a"]


def test_marks_are_of_what_is_listed_and_of_what_was_noted_since() -> None:
    lists = Lists()
    lists.see("a", 1)
    lists.take()
    lists.see("b c C", 2)
    marks = Marks()
    assert marks.has(met("a").hashes) is None
    marks.begin(lists.marked())
    assert marks.has(met("a b d").hashes).tolist() == [True, True, False]
    marks.begin([])
    assert marks.has(met("a").hashes) is None


def test_only_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "KEPT", 5)
    lists = Lists()
    for number in range(20):
        lists.see(f"a{number} b{number} c{number}", number)
    assert sum(len(note.names) for note in lists._notes["cold"]) <= 7
    assert names(lists.take().listed["cold"]) == ["b18", "c18", "a19", "b19", "c19"]
    assert len(lists.cold) <= 10


def test_a_few_do_not_keep_the_names_of_a_whole_batch() -> None:
    lists = Lists()
    lists.see("a B C D E F", 1)
    assert [list(note.names) for note in lists._notes["cold"]] == [["a"]]
    assert names(lists.take().listed["cold"]) == ["a"]


def test_what_could_not_be_written_comes_with_what_came_meanwhile() -> None:
    lists = Lists()
    lists.see("a b x", 1)
    lists.see("B X", 2)
    changes = lists.take()
    lists.see("b c", 3)
    lists.put_back(changes)
    assert not lists.empty
    again = lists.take()
    assert again.warmed == {"x"}
    assert again.listed["cold"] == [Listed("a", 1, 1, 1), Listed("b", 1, 3, 3), Listed("c", 1, 3, 3)]


def test_random_batches_are_listed_as_if_every_row_was_looked_at() -> None:
    rng = np.random.default_rng(7)
    lists, state = Lists(), {}
    for _ in range(300):
        rows = [chr(97 + number) for number in rng.integers(0, 12, rng.integers(1, 9))]
        rows = [row.upper() if rng.random() < 0.5 else row for row in rows]
        lists.see(" ".join(rows), 0)
        state |= {row.lower(): row.islower() for row in rows}
        if rng.random() < 0.2:
            lists.take()
            assert set(lists.cold) == {name for name, cold in state.items() if cold}
