"""Page-Hinkley: how seldom it alarms on noise, how soon on a change."""

import numpy as np
import pytest
import river.drift

from ad_detectors.drift.page_hinkley import PageHinkley


def findings(values):
    detector = PageHinkley()
    return detector.update(detector.new_state(1), values.reshape(-1, 1), np.arange(len(values))).findings


@pytest.mark.parametrize("draw", ["normal", "exponential", "uniform"])
def test_a_million_values_of_noise_alarm_at_most_twice(draw) -> None:
    values = getattr(np.random.default_rng(0), draw)(size=1_000_000)
    assert len(findings(values)) <= 2


@pytest.mark.parametrize(("change", "soonest", "latest"), [(0.5, 20, 250), (1.0, 10, 80), (-3.0, 5, 15)])
def test_the_larger_a_change_the_sooner_it_is_found(change, soonest, latest) -> None:
    for seed in range(10):
        values = np.random.default_rng(seed).normal(10.0, 2.0, size=3000)
        values[2000:] += 2.0 * change
        drift = findings(values)[0]
        assert soonest <= drift.row - 2000 <= latest
        assert abs(drift.since_row - 2000) <= 40
        assert drift.before == pytest.approx(10.0, abs=0.3)


def test_it_finds_what_river_finds_and_not_later() -> None:
    values = np.random.default_rng(3).normal(size=3000)
    values[2000:] += 2.0
    detector = river.drift.PageHinkley()
    found = [
        row for row, value in enumerate(values.tolist()) if detector.update(value) or detector.drift_detected
    ]
    assert 2000 < findings(values)[0].row <= found[0]


def test_single_outliers_are_no_drift() -> None:
    values = np.random.default_rng(4).normal(size=20_000)
    values[::500] = 1e6
    assert findings(values) == ()
