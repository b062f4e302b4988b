"""ADWIN beside River's on the same streams, and what it says of itself."""

import numpy as np
import pytest
import river.drift

from ad_detectors.drift.adwin import ADWIN


def found_by_river(values) -> list[int]:
    detector, found = river.drift.ADWIN(), []
    for row, value in enumerate(values.tolist()):
        detector.update(value)
        if detector.drift_detected:
            found.append(row)
    return found


def found_by_ours(values, **parameters) -> list[int]:
    detector = ADWIN(**parameters)
    report = detector.update(detector.new_state(1), values.reshape(-1, 1), np.arange(len(values)))
    return [drift.row for drift in report.findings]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("change", [0.1, 0.3, -0.5])
def test_with_the_same_range_it_finds_what_river_finds_within_one_test(seed, change) -> None:
    values = np.random.default_rng(seed).beta(4, 4, size=6000)
    values[3000:] += change
    ours, theirs = found_by_ours(values, value_range=1.0), found_by_river(values)
    assert theirs, "the change is large enough"
    assert abs(ours[0] - theirs[0]) <= 32
    assert len(ours) == 1


def test_the_row_since_which_is_that_of_the_change() -> None:
    apart = []
    for seed in range(20):
        values = np.random.default_rng(seed).normal(size=(4000, 1))
        values[2000:] += 1.0
        detector = ADWIN()
        drift = detector.update(detector.new_state(1), values, np.arange(4000)).findings[0]
        apart.append(abs(drift.since_row - 2000))
        assert drift.before == pytest.approx(0.0, abs=0.15)
        assert drift.after == pytest.approx(1.0, abs=0.4)
    assert np.median(apart) <= 16


def test_many_features_share_one_chance_of_a_false_alarm() -> None:
    values = np.random.default_rng(0).normal(size=(1000, 1))
    values[500:] += 3.0
    thresholds = []
    for width in (1, 50):
        detector = ADWIN()
        rows = np.repeat(values, width, axis=1)
        findings = detector.update(detector.new_state(width), rows, np.arange(1000)).findings
        assert len({drift.feature for drift in findings}) == width
        thresholds.append(findings[0].threshold)
    assert thresholds[1] > 1.1 * thresholds[0]


def test_a_spread_that_changes_is_none_of_its_business() -> None:
    values = np.random.default_rng(0).normal(size=20_000)
    values[10_000:] *= 3.0
    assert found_by_ours(values) == []
