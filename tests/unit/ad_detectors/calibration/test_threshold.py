"""Fixed scores, contamination, and the share of false alerts of a day."""

import numpy as np
import pytest

from ad_detectors.calibration.tail import TailCalibration
from ad_detectors.calibration.threshold import (
    DAY_MS,
    ContaminationThreshold,
    DiscoveryRateThreshold,
    FixedThreshold,
    runs,
)
from ad_detectors.errors import DataError, ParameterError


def test_a_fixed_threshold_needs_a_score_above_it() -> None:
    scores = np.array([2.9, 3.0, 3.1])
    assert FixedThreshold(3.0).alerts({}, scores, scores, np.arange(3)).tolist() == [False, False, True]
    with pytest.raises(ParameterError, match="score is nan"):
        FixedThreshold(float("nan"))


def test_contamination_is_the_share_of_training_rows_above() -> None:
    scores = np.random.default_rng(0).normal(size=1000)
    threshold = ContaminationThreshold(0.05, TailCalibration.fit(scores))
    assert threshold.alerts(threshold.new_state(), scores, scores, np.arange(1000)).sum() == 50
    with pytest.raises(ParameterError, match=r"contamination is 0\.6"):
        ContaminationThreshold(0.6, TailCalibration.fit(scores))


def test_the_discovery_rate_starts_anew_each_day_and_ignores_late_records() -> None:
    threshold = DiscoveryRateThreshold(0.1)
    values = np.tile(np.append(np.full(999, 0.9), 1e-3), 2)
    times = np.repeat([5 * DAY_MS, 6 * DAY_MS], 1000)
    fresh = np.array([1e-3])

    def first(state):
        return threshold.alerts(state, fresh * 0, fresh, np.array([6 * DAY_MS])).tolist()

    state = threshold.new_state()
    assert not threshold.alerts(state, values * 0, values, times)[999], "after 999 tests the level is low"
    assert first(threshold.new_state()) == [True]
    yesterday = threshold.new_state()
    threshold.alerts(yesterday, values[:999], values[:999], times[:999])
    assert first(yesterday) == [True]
    before = {name: array.copy() for name, array in yesterday.items()}
    threshold.alerts(yesterday, fresh * 0, fresh * 900, np.array([DAY_MS]))
    assert yesterday["day"] == before["day"]


def test_any_split_gives_the_same_alerts() -> None:
    generator = np.random.default_rng(1)
    values, times = generator.random(2000) ** 4, np.sort(generator.integers(0, 9 * DAY_MS, 2000))
    threshold = DiscoveryRateThreshold(0.2)
    whole = threshold.alerts(threshold.new_state(), values, values, times)
    state, parts = threshold.new_state(), []
    for start in range(0, 2000, 7):
        part = slice(start, start + 7)
        parts += threshold.alerts(state, values[part], values[part], times[part]).tolist()
    assert parts == whole.tolist()
    with pytest.raises(DataError, match="not a state"):
        threshold.alerts({}, values, values, times)


def test_runs_are_the_stretches_of_equal_values() -> None:
    assert runs(np.array([3, 3, 1, 3])) == [(0, 2), (2, 3), (3, 4)]
    assert runs(np.array([])) == []
