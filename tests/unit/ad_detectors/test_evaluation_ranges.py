"""VUS-PR against its definition, and its properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.errors import DataError, ParameterError
from ad_detectors.evaluation_ranges import natural_window, vus_pr
from tests.oracles.ad_detectors import evaluation_ranges as oracle

SERIES = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=50)


@settings(max_examples=150, deadline=None)
@given(SERIES, st.integers(0, 13))
def test_it_is_what_the_definition_says(pairs, window) -> None:
    truth, scores = ([pair[side] for pair in pairs] for side in (0, 1))
    if any(truth) and not all(truth):
        assert vus_pr(truth, scores, window) == pytest.approx(oracle.vus_pr(truth, scores, window), abs=1e-12)


def test_more_points_than_thresholds_are_what_the_definition_says() -> None:
    generator = np.random.default_rng(5)
    truth = np.zeros(700, np.int64)
    for start, length in ((40, 10), (58, 3), (300, 80), (697, 3)):
        truth[start : start + length] = 1
    scores = generator.normal(size=700) + 1.5 * truth
    expected = oracle.vus_pr(truth.tolist(), scores.tolist(), 30)
    assert vus_pr(truth, scores, 30) == pytest.approx(expected, abs=1e-12)


def test_perfect_scores_have_the_volume_1() -> None:
    truth = np.zeros(500, np.int64)
    truth[200:260] = 1
    assert vus_pr(truth, truth, 0) == pytest.approx(1.0)


def test_a_detection_a_little_late_is_worth_more_than_one_far_off() -> None:
    truth, late, wrong = np.zeros(500), np.zeros(500), np.zeros(500)
    truth[200:220], late[222:242], wrong[400:420] = 1, 1, 1
    assert vus_pr(truth, late, 40) > 2 * vus_pr(truth, wrong, 40)


def test_only_the_order_of_scores_counts() -> None:
    generator = np.random.default_rng(6)
    truth, scores = generator.random(300) < 0.1, generator.random(300)
    assert vus_pr(truth, np.exp(5 * scores), 10) == vus_pr(truth, scores, 10)


def test_scores_at_random_are_worth_little_more_than_the_share_of_anomalies() -> None:
    truth = np.zeros(20_000, np.int64)
    truth[5_000:6_000] = 1
    assert vus_pr(truth, np.random.default_rng(7).random(20_000), 100) < 0.06


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(DataError, match="all alike"):
        vus_pr([0, 0], [1.0, 2.0], 3)
    with pytest.raises(DataError, match="must match"):
        vus_pr([0, 1], [1.0], 3)
    with pytest.raises(DataError, match="finite"):
        vus_pr([0, 1], [1.0, float("nan")], 3)
    with pytest.raises(ParameterError, match="window is -1"):
        vus_pr([0, 1], [1.0, 2.0], -1)


def test_the_natural_window_is_the_period_and_125_without_one() -> None:
    assert natural_window(np.sin(np.arange(3000) * 2 * np.pi / 77)) == 77
    assert natural_window(np.ones(1000)) == 125
    assert natural_window(np.arange(1000.0)) == 125
    assert natural_window([1.0, 2.0]) == 125
