"""The compiled tail of an entity's scores against the plain one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.excess import excess_probability, learn_excess, started
from tests.oracles.ad_detectors.excess import Excess

SCORES = st.lists(st.floats(0.0, 300.0) | st.floats(0.0, 4.0), max_size=100)


@settings(max_examples=60, deadline=None)
@given(SCORES, st.floats(0.0, 1000.0))
def test_level_mean_and_probability_are_those_of_the_plain_tail(scores, other) -> None:
    plain = Excess()
    level, mean = started(0.0, 0.0)
    for rows, score in enumerate(scores):
        level, mean = learn_excess(level, mean, score, float(rows))
        plain.learn(score)
    assert (level, mean) == pytest.approx((plain.level, plain.mean), rel=1e-9)
    assert excess_probability(level, mean, other, float(len(scores))) == pytest.approx(
        plain.probability(other), rel=1e-6
    )


def test_scores_that_are_p_values_keep_their_meaning_from_the_start() -> None:
    level, mean = started(0.0, 0.0)
    assert [excess_probability(level, mean, s, 0.0) for s in (0.0, 1.0, 2.0, 5.0)] == pytest.approx(
        [1.0, 0.1, 0.01, 1e-5]
    )


@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
def test_one_in_1000_becomes_that_for_scores_on_any_scale(scale) -> None:
    scores = np.random.default_rng(0).exponential(scale, size=60_000)
    level, mean = started(0.0, 0.0)
    said = []
    for rows, score in enumerate(scores):
        counted = float(min(rows, 16_384))
        said.append(excess_probability(level, mean, score, counted))
        level, mean = learn_excess(level, mean, score, counted)
    assert 0.7 < np.mean(np.array(said[10_000:]) <= 0.001) * 1000 < 1.4


def test_an_outlier_counts_as_ten_mean_excesses_at_most() -> None:
    level, mean = started(0.0, 0.0)
    assert learn_excess(level, mean, 1e6, 0.0)[1] == pytest.approx(mean + 9 * mean * 50 / 300)


def test_beyond_what_was_seen_it_falls_as_the_score_says() -> None:
    # With a mean excess of 0.1, one of 500 rows is expected 0.23 above the level that one in 50 exceeds.
    said = [excess_probability(1.0, 0.1, score, 200.0) for score in (1.23026, 2.23026, 3.23026)]
    assert said == pytest.approx([1 / 500, 1 / 5000, 1 / 50_000], rel=1e-4)
