"""The benchmark's score against cases worked by hand and against its definition, threshold by threshold."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.accuracy.nab_scoring import Labelled, Weights, best_score

STANDARD = Weights(1.0, 0.11, 1.0)
ROWS = 100
WINDOW = (40, 49)


def sigmoid(x):
    return 2 / (1 + math.exp(5 * x)) - 1


def score(alerts, windows=(WINDOW,), weights=STANDARD):
    scores = np.zeros(ROWS)
    scores[list(alerts)] = 1.0
    return best_score([Labelled(scores, windows)], weights)[0]


def by_definition(corpus, weights, threshold):
    total, windows = 0.0, 0
    for one in corpus:
        ignored = int(min(0.15 * len(one.scores), 750))
        alerts = [row for row in range(ignored, len(one.scores)) if one.scores[row] >= threshold]
        for left, right in one.windows:
            windows += 1
            within = [row for row in alerts if left <= row <= right]
            width = right - left + 1
            if within:
                total += weights.found * sigmoid(-(right - within[0] + 1) / width) / sigmoid(-1)
            else:
                total -= weights.missed
        for row in alerts:
            if any(left <= row <= right for left, right in one.windows):
                continue
            before = [window for window in one.windows if window[1] < row]
            if not before:
                total -= weights.false
                continue
            left, right = before[-1]
            distance = (row - right) / max(right - left, 1)
            total -= weights.false * (1.0 if distance > 3 else abs(sigmoid(distance)))
    return 100 * (total + windows * weights.missed) / (windows * (weights.found + weights.missed))


def test_no_alert_is_worth_nothing_and_an_alert_at_the_start_of_every_window_everything() -> None:
    assert score([]) == 0.0
    assert score([40]) == pytest.approx(100.0)
    assert score([20, 70], [(20, 29), (70, 79)]) == pytest.approx(100.0)


def test_an_alert_in_the_middle_of_a_window_earns_less_and_one_at_its_end_little() -> None:
    assert score([45]) == pytest.approx(100 * (sigmoid(-0.5) / sigmoid(-1) + 1) / 2)
    assert score([49]) == pytest.approx(100 * (sigmoid(-0.1) / sigmoid(-1) + 1) / 2)


def test_only_the_first_alert_in_a_window_counts() -> None:
    assert score(range(42, 50)) == score([42])


def test_a_false_alert_costs_its_full_price_before_and_far_after_a_window_and_less_right_after_it() -> None:
    full = 100 * 0.11 / 2
    assert score([40, 20]) == pytest.approx(100 - full)
    assert score([40, 90]) == pytest.approx(100 - full)
    assert score([40, 50]) == pytest.approx(100 - full * -sigmoid(1 / 9))
    assert score([40, 50], weights=Weights(1, 0.22, 1)) == pytest.approx(100 - 2 * full * -sigmoid(1 / 9))


def test_the_first_rows_are_ignored() -> None:
    assert score([40, *range(15)]) == score([40])
    assert score([40, 15]) < score([40])


def test_false_alerts_alone_are_no_worse_than_silence() -> None:
    assert score([20, 21, 22]) == 0.0


def test_one_threshold_serves_all_series() -> None:
    low, high = np.zeros(ROWS), np.zeros(ROWS)
    low[40], high[40], high[60:95] = 0.2, 0.9, 0.3
    assert best_score([Labelled(low, [WINDOW])], STANDARD) == (pytest.approx(100), 0.2)
    found, threshold = best_score([Labelled(low, [WINDOW]), Labelled(high, [WINDOW])], STANDARD)
    assert (found, threshold) == (pytest.approx(50), 0.9)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.02, 1.0))
def test_the_sweep_finds_the_best_of_all_thresholds(seed, density) -> None:
    generator = np.random.default_rng(seed)
    corpus = []
    for windows in ([(10, 19), (60, 80)], [], [(30, 30), (95, 99)]):
        scores = generator.integers(0, 6, ROWS) / 5 * (generator.random(ROWS) < density)
        corpus.append(Labelled(scores, windows))
    every = [by_definition(corpus, STANDARD, threshold) for threshold in [*(np.arange(6) / 5), 2.0]]
    assert best_score(corpus, STANDARD)[0] == pytest.approx(max(every), abs=1e-9)
