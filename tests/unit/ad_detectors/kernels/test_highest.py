"""The compiled list of the largest raw scores against the plain one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.highest import (
    LISTED,
    as_listed,
    fade_list,
    list_raw,
    listed_probability,
    listed_radius,
)
from tests.oracles.ad_detectors.highest import Highest

RAW = st.one_of(st.floats(0.0, 70.0), st.floats(0.0, 1e60), st.integers(0, 99).map(float))


def listing(raws, fade_after):
    scores, weights, rows, floor = np.zeros(LISTED, np.float32), np.zeros(LISTED, np.float32), 0.0, 0.0
    for number, raw in enumerate(raws, start=1):
        rows, floor = rows + 1.0, list_raw(scores, weights, floor, raw)
        if number % fade_after == 0:
            rows, floor = fade_list(scores, weights, rows, floor)
    return scores, weights, rows, floor


def plainly(raws, fade_after):
    plain = Highest()
    for number, raw in enumerate(raws, start=1):
        plain.count(raw)
        if number % fade_after == 0:
            plain.fade()
    return plain


@settings(max_examples=80, deadline=None)
@given(
    st.lists(RAW, max_size=300),
    st.integers(0, 2**32 - 1),
    st.lists(RAW, min_size=1, max_size=5),
    st.sampled_from([0.001, 0.02, 0.2]),
    st.sampled_from([20, 70, 1000]),
)
def test_probability_and_radius_are_those_of_the_plain_list(drawn, seed, others, level, fade_after) -> None:
    raws = [*drawn, *np.random.default_rng(seed).exponential(size=150).tolist()]
    own, plain = listing(raws, fade_after), plainly(raws, fade_after)
    assert own[2:] == (plain.rows, plain.floor)
    assert listed_radius(*own, level) == plain.radius(level)
    for raw in [*others, *raws[-3:]]:
        assert listed_probability(*own, raw) == pytest.approx(plain.probability(raw), rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(RAW, min_size=1, max_size=200), RAW, st.sampled_from([0.001, 0.01, 0.2]))
def test_beyond_the_radius_a_covered_score_is_improbable_and_within_it_none_is(raws, raw, level) -> None:
    own = listing(raws, 10_000)
    radius, probability = listed_radius(*own, level), listed_probability(*own, raw)
    if as_listed(raw) > radius:
        assert probability < level
    else:
        assert probability >= level


def test_a_score_that_comes_often_counts_with_all_its_rows() -> None:
    own = listing([3.0] * 10 + [1.0] * 90, 1000)
    assert listed_probability(*own, 3.0) == pytest.approx(11 / 101)


def test_scores_that_run_over_are_left_to_the_buckets() -> None:
    own = listing([float(raw) for raw in range(1, LISTED + 3)], 1000)
    assert own[3] == 2.0
    assert listed_probability(*own, 2.0) == 1.0
    assert listed_probability(*own, 3.0) == pytest.approx((LISTED + 1) / (LISTED + 3))


def test_a_list_of_a_louder_past_begins_anew() -> None:
    loud = [100.0 + raw for raw in range(LISTED + 1)]
    own = listing(loud + [1.0 + raw / 1000 for raw in range(600)], 100)
    assert 1.0 < own[0][0] < 2.0
    assert own[2] < 600
