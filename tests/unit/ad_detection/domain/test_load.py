"""Few counters find the entities that have the most records, whatever the others do."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_data.columns import Columns
from ad_detection.domain.load import COUNTERS, HALF_LIFE_SECONDS, BatchLoad, Load, Share, batch_load, merged


def columns(names: list[str] | None, rows: int = 0) -> Columns:
    """Rows of these entities, or so many without any."""
    distinct = list(dict.fromkeys(names)) if names is not None else None
    codes = None if names is None or distinct is None else np.array([distinct.index(name) for name in names])
    count = rows if names is None else len(names)
    return Columns(
        ("value",),
        np.zeros((count, 1)),
        np.zeros(count, dtype=np.int64),
        np.arange(count),
        np.arange(count),
        entities=distinct,
        entity_codes=codes,
    )


def load_of(batches: list[list[str]]) -> Load:
    load = Load(0, 0)
    for names in batches:
        load.add(batch_load(columns(names)), None)
    return load


def some_batches(seed: int, population: int) -> list[list[str]]:
    """A few entities have most of the records, as they do."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 600, rng.integers(1, 8))
    return [[f"e{number % population}" for number in rng.zipf(1.3, size).tolist()] for size in sizes]


@given(st.integers(0, 2**32), st.integers(1, 2_000))
def test_a_counter_never_says_too_much_and_falls_short_by_a_65th_at_most(seed: int, population: int) -> None:
    batches = some_batches(seed, population)
    load = load_of(batches)
    true = Counter(name for names in batches for name in names)
    assert load.records == true.total()
    assert len(load.busiest) <= COUNTERS
    for name, count in true.items():
        assert load.busiest.get(name, 0.0) <= count
        assert load.busiest.get(name, 0.0) >= count - true.total() / (COUNTERS + 1)


def test_a_hot_entity_among_ten_thousand_is_found() -> None:
    batches = [[f"e{100 * batch + number}" for number in range(100)] + ["hot"] * 20 for batch in range(100)]
    hot, *_ = load_of(batches).shares()
    assert hot.entity == "hot"
    assert 0.15 < hot.share <= 20 / 120


def test_a_stream_without_entities_is_counted_as_a_whole() -> None:
    assert batch_load(columns(None, rows=7)) == BatchLoad(7, {})


def test_rows_that_stand_apart_in_a_batch_add_up() -> None:
    first = merged(None, batch_load(columns(["a", "b"])))
    assert merged(first, batch_load(columns(["b"]))) == BatchLoad(3, {"a": 1.0, "b": 2.0})
    assert first == BatchLoad(2, {"a": 1.0, "b": 1.0})


def test_few_entities_are_counted_exactly_and_told_busiest_first() -> None:
    load = load_of([["a", "b", "b"], ["c", "b"]])
    assert load.shares() == [Share("b", 0.6), Share("a", 0.2), Share("c", 0.2)]


def test_half_of_the_counts_is_gone_after_five_minutes_but_shares_and_the_total_stay() -> None:
    load = load_of([["a", "a", "a", "b"]])
    load.fade(int(HALF_LIFE_SECONDS * 1000))
    assert load.recent == pytest.approx(2.0)
    assert load.records == 4
    assert [share for _, share in load.shares()] == pytest.approx([0.75, 0.25])
    load.fade(10**12)
    assert load.shares() == []


def test_a_clock_that_is_put_back_changes_nothing() -> None:
    load = load_of([["a"]])
    load.fade(-5000)
    assert load.recent == 1.0
    assert load.rate_per_second(0) == 0.0
