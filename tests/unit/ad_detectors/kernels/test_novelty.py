"""The parts of novelty: positions, memory, tails."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.novelty import (
    bucket_of,
    count_novelty,
    insert_position,
    nearest,
    radius_of,
    raised_top,
    remember,
    tail_probability,
)
from tests.oracles.ad_detectors.adaptive import Channel

BUCKETS = 64
HISTORY = 400
FINITE = st.floats(-(2.0**100), 2.0**100, width=32)


@settings(deadline=None)
@given(st.lists(FINITE, min_size=1, max_size=20), FINITE)
def test_nearest_is_the_closest_of_all_known_values(values, value) -> None:
    known = np.array(sorted(values), np.float32)
    position = insert_position(known, len(known), value)
    assert position == np.searchsorted(known, value)
    found = nearest(known, len(known), position, value)
    assert abs(found - value) == min(abs(other - value) for other in values)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=60, unique=True))
def test_memory_stays_sorted_and_keeps_the_extremes(values) -> None:
    known, size = np.zeros(9, np.float32), 0
    for value in values:
        size = remember(known, size, insert_position(known, size, float(value)), float(value))
    kept = known[:size].tolist()
    assert kept == sorted(kept)
    assert size == min(len(values), 8)
    assert {min(values), max(values)} <= set(kept)


@settings(deadline=None)
@given(st.floats(0, 1e30), st.floats(0, 1e30), st.integers(-100, 100))
def test_larger_novelties_never_have_lower_buckets(first, second, top) -> None:
    low, high = sorted([first, second])
    assert bucket_of(BUCKETS, top, low) <= bucket_of(BUCKETS, top, high)
    assert 0 <= bucket_of(BUCKETS, top, high)[0] < BUCKETS


def counted(novelties):
    counts, top, seen = np.zeros(BUCKETS, np.int16), 0, 0
    for novelty in novelties:
        top = raised_top(counts, top, seen, novelty)
        seen = count_novelty(counts, top, novelty, seen, 32_000)
    return counts, top, seen, max(novelties)


EXPONENTIAL = np.random.default_rng(0).exponential(size=500).tolist()


@pytest.mark.parametrize("seed", range(4))
def test_memory_and_counts_do_what_the_plain_channel_does(seed) -> None:
    generator = np.random.default_rng(seed)
    known, size, counts, top, seen, largest = (
        np.zeros(21, np.float32),
        0,
        np.zeros(BUCKETS, np.int16),
        0,
        0,
        0.0,
    )
    plain = Channel(20, HISTORY)
    for value in np.float32(generator.standard_t(1, size=1000) * 1e6 ** generator.random(1000)).tolist():
        position = insert_position(known, size, value)
        novelty = abs(nearest(known, size, position, value) - value) if size else 0.0
        if size:
            assert nearest(known, size, position, value) == plain.closest(value)
            found = tail_probability(counts, top, seen, largest, novelty)
            assert found == pytest.approx(plain.probability(novelty), rel=1e-12)
            top = raised_top(counts, top, seen, novelty)
            seen = count_novelty(counts, top, novelty, seen, HISTORY)
            largest = max(largest, float(np.float32(novelty)))
        if not size or novelty > 0:
            size = remember(known, size, position, value)
        plain.learn(value)
        assert (known[:size].tolist(), seen, top) == (plain.known, plain.seen, plain.top)


def test_tail_probability_never_grows_with_novelty() -> None:
    known = counted(EXPONENTIAL)
    found = [tail_probability(*known, novelty) for novelty in np.linspace(0, 20, 2000)]
    assert all(second <= first for first, second in itertools.pairwise(found))
    assert 0 < found[-1] < found[0] == 1


def test_half_of_the_novelties_lie_above_the_median() -> None:
    known = counted(EXPONENTIAL)
    assert abs(tail_probability(*known, float(np.median(EXPONENTIAL))) - 0.5) < 0.05


def test_radius_is_the_novelty_of_its_tail_probability() -> None:
    known = counted(EXPONENTIAL)
    for level in (0.5, 0.1, 0.01, 0.001, 0.0001):
        assert abs(tail_probability(*known, radius_of(*known, level)) / level - 1) < 1e-9


def test_the_window_follows_the_largest_novelty_upwards() -> None:
    counts, top, seen, _ = counted([1.0] * 10 + [2.0**k for k in range(30)] * 40)
    assert counts.sum() == seen == 1210
    assert counts[0] == 0
    assert bucket_of(BUCKETS, top, 2.0**29)[0] < BUCKETS


def test_one_absurd_value_does_not_push_the_others_out_of_the_window() -> None:
    known = counted([*EXPONENTIAL, 1e30])
    assert known[0][0] <= 50
    assert abs(tail_probability(*known, float(np.median(EXPONENTIAL))) - 0.5) < 0.05


def test_counts_are_halved_when_history_is_full() -> None:
    counts, top, seen = np.zeros(BUCKETS, np.int16), 0, 0
    for _ in range(100):
        top = raised_top(counts, top, seen, 1.0)
        seen = count_novelty(counts, top, 1.0, seen, 64)
    assert seen == counts.sum()
    assert 32 <= seen < 64
