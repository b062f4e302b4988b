"""The parts of novelty: positions, memory, tails."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.novelty import (
    BUCKETS,
    bucket_of,
    count_novelty,
    insert_position,
    nearest,
    radius_of,
    remember,
    tail_probability,
)

FINITE = st.floats(-1e30, 1e30)


@given(st.lists(FINITE, min_size=1, max_size=20), FINITE)
def test_nearest_is_the_closest_of_all_known_values(values, value) -> None:
    known = np.array(sorted(values))
    position = insert_position(known, len(known), value)
    assert position == np.searchsorted(known, value)
    found = nearest(known, len(known), position, value)
    assert abs(found - value) == min(abs(other - value) for other in values)


@settings(max_examples=50)
@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=60, unique=True))
def test_memory_stays_sorted_and_keeps_the_extremes(values) -> None:
    known, size = np.zeros(9), 0
    for value in values:
        size = remember(known, size, insert_position(known, size, float(value)), float(value))
    kept = known[:size].tolist()
    assert kept == sorted(kept)
    assert size == min(len(values), 8)
    assert {min(values), max(values)} <= set(kept)


@given(st.floats(0, 1e30), st.floats(0, 1e30))
def test_larger_novelties_never_have_lower_buckets(first, second) -> None:
    low, high = sorted([first, second])
    assert bucket_of(low) <= bucket_of(high)
    assert bucket_of(high)[0] < BUCKETS


def counted(novelties):
    counts, seen = np.zeros(BUCKETS, np.int32), 0
    for novelty in novelties:
        seen = count_novelty(counts, novelty, seen, 1_000_000)
    return counts, seen, max(novelties)


def test_tail_probability_never_grows_with_novelty() -> None:
    counts, seen, largest = counted(np.random.default_rng(0).exponential(size=500).tolist())
    found = [tail_probability(counts, seen, largest, novelty) for novelty in np.linspace(0, 20, 2000)]
    assert all(second <= first for first, second in itertools.pairwise(found))
    assert 0 < found[-1] < found[0] == 1


def test_half_of_the_novelties_lie_above_the_median() -> None:
    novelties = np.random.default_rng(0).exponential(size=5000)
    counts, seen, largest = counted(novelties.tolist())
    assert abs(tail_probability(counts, seen, largest, float(np.median(novelties))) - 0.5) < 0.05


def test_radius_is_the_novelty_of_its_tail_probability() -> None:
    counts, seen, largest = counted(np.random.default_rng(0).exponential(size=500).tolist())
    for level in (0.5, 0.1, 0.01, 0.001):
        radius = radius_of(counts, seen, largest, level)
        assert abs(tail_probability(counts, seen, largest, radius) - level) < 1e-9


def test_counts_are_halved_when_history_is_full() -> None:
    counts, seen = np.zeros(BUCKETS, np.int32), 0
    for _ in range(100):
        seen = count_novelty(counts, 1.0, seen, 64)
    assert seen == counts.sum()
    assert 32 <= seen < 64
