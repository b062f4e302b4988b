"""The compiled tail against the plain one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.conformal import (
    BUCKETS,
    bucket_of,
    count_raw,
    halve,
    halving_due,
    radius_of,
    tail_probability,
    upper_edge,
)
from tests.oracles.ad_detectors import conformal as plain

RAW = st.one_of(st.floats(0.0, 70.0), st.floats(0.0, 1e12), st.integers(0, 9).map(float))


def tail_of(raws, history=64):
    counts, total, largest = np.zeros(BUCKETS, np.float32), 0.0, 0.0
    for rows, raw in enumerate(raws, start=1):
        total, largest = count_raw(counts, total, largest, raw)
        if halving_due(rows, total, history):
            total, largest = halve(counts, largest)
    return counts, total, largest


@settings(deadline=None)
@given(RAW)
def test_a_raw_score_lies_in_its_bucket(raw) -> None:
    bucket = bucket_of(raw)
    assert bucket == plain.bucket(raw)
    assert bucket in {0, BUCKETS - 1} or upper_edge(bucket - 1) <= raw < upper_edge(bucket)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(RAW, max_size=200), st.lists(RAW, min_size=1, max_size=5), st.sampled_from([0.001, 0.01, 0.2])
)
def test_probability_and_radius_are_those_of_the_plain_tail(raws, others, level) -> None:
    counts, total, largest = tail_of(raws)
    tail = plain.Tail(64)
    for rows, raw in enumerate(raws, start=1):
        tail.count(raw, rows)
    assert (total, largest) == (tail.total, tail.largest)
    np.testing.assert_allclose(radius_of(counts, total, largest, level), tail.radius(level), rtol=1e-12)
    for raw in others:
        assert tail_probability(counts, total, largest, raw) == pytest.approx(
            tail.probability(raw), rel=1e-12
        )


@settings(max_examples=60, deadline=None)
@given(st.lists(RAW, min_size=1, max_size=200), RAW, st.sampled_from([0.001, 0.01, 0.2]))
def test_beyond_the_radius_and_only_there_a_score_is_improbable(raws, raw, level) -> None:
    counts, total, largest = tail_of(raws, history=10_000)
    radius = radius_of(counts, total, largest, level)
    probability = tail_probability(counts, total, largest, raw)
    if raw > radius * (1 + 1e-12):
        assert probability < level
    if raw < radius:
        assert probability >= level


def test_the_radius_counts_the_score_that_is_asked_for() -> None:
    # One of 67 is larger than 1: another of that size would be the second of 68, one in 34.
    tail = tail_of([1.0] * 98 + [5.0], history=1000)
    assert tail[1] == 67.0
    assert radius_of(*tail, 0.029) == 5.0
    assert radius_of(*tail, 0.030) < 1.1


def test_the_largest_scores_of_all_have_no_edge_but_the_largest_itself() -> None:
    tail = tail_of([0.0] * 4 + [63.0], history=1000)
    assert radius_of(*tail, 0.2) == 63.0
    assert tail_probability(*tail, 63.0) >= 0.2


def test_one_in_a_thousand_is_that_or_less_for_scores_of_one_kind() -> None:
    raws = np.abs(np.random.default_rng(0).normal(size=60_000))
    counts, total, largest = tail_of(raws[:20_000], history=8192)
    improbable = [tail_probability(counts, total, largest, raw) < 0.001 for raw in raws[20_000:]]
    assert 0.0004 < np.mean(improbable) < 0.0012


def test_what_comes_often_is_never_improbable_whatever_its_place_in_the_bucket() -> None:
    for raw in np.linspace(1.0, 1.07, 50):
        counts, total, largest = tail_of([0.5] * 90 + [raw] * 10, history=1000)
        assert tail_probability(counts, total, largest, raw) > 0.1


def test_an_outlier_is_forgotten_after_some_halvings() -> None:
    counts, total, largest = tail_of([1.0] * 60 + [50.0] + [1.0] * 600)
    assert largest < 1.1
    assert counts.sum() == total
