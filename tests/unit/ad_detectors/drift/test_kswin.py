"""KSWIN: the rate of false alarms that it promises, and changes beyond those of the mean."""

import numpy as np
import pytest
import river.drift

from ad_detectors.drift.kswin import KSWIN

SHAPES = {
    "normal": lambda g, n: g.normal(size=n),
    "t": lambda g, n: g.standard_t(3, size=n),
    "whole numbers": lambda g, n: g.poisson(2.0, size=n).astype(float),
}


def findings(values, **parameters):
    detector = KSWIN(**parameters)
    return detector.update(detector.new_state(1), values.reshape(-1, 1), np.arange(len(values))).findings


@pytest.mark.parametrize("shape", SHAPES)
def test_false_alarms_stay_below_alpha_per_window(shape) -> None:
    values = SHAPES[shape](np.random.default_rng(0), 300_000)
    # 1,000 windows at 0.05 are 50 alarms; the bound is of a union, so fewer are expected.
    assert len(findings(values, alpha=0.05)) <= 50


def test_the_same_data_alarm_river_many_times_more_often() -> None:
    values = np.random.default_rng(0).normal(size=10_000)
    detector, alarms = river.drift.KSWIN(seed=0), 0
    for value in values.tolist():
        detector.update(value)
        alarms += detector.drift_detected
    assert len(findings(values)) <= 1
    assert alarms >= 5


@pytest.mark.parametrize("change", [lambda x: 3 * x, np.abs, lambda x: x + 1.5, np.round])
def test_changes_of_spread_and_shape_are_found_soon(change) -> None:
    values = np.random.default_rng(1).normal(size=2200)
    values[2000:] = change(values[2000:])
    rows = [drift.row for drift in findings(values)]
    assert rows == sorted(rows)
    if change is np.round:
        assert not rows, "grain alone is too little"
    else:
        assert 2000 < rows[0] <= 2100
