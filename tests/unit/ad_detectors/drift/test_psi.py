"""The population stability index against its definition, and its distribution without a change."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import chdtrc

from ad_detectors.drift.psi import PSI, bin_counts, bin_cuts, chi_squared_tail

VALUES = st.lists(st.integers(-3, 3).map(float) | st.floats(-1e9, 1e9), min_size=1, max_size=80)


@settings(deadline=None)
@given(VALUES, st.integers(2, 12))
def test_cuts_are_few_and_no_bin_mixes_a_frequent_value_with_others(values, bins) -> None:
    cuts = bin_cuts(np.array(values), bins)
    assert len(cuts) <= 2 * bins
    assert (np.diff(cuts) > 0).all()
    places = np.searchsorted(cuts, values, side="right").tolist()
    for value in set(values):
        if values.count(value) > 2 * len(values) / bins:
            mates = {
                other
                for other, place in zip(values, places, strict=True)
                if place == places[values.index(value)]
            }
            assert mates == {value}


def test_the_index_is_the_sum_over_the_bins_and_missing_values_are_one() -> None:
    reference = np.array([1.0, 2.0, 3.0, 4.0] * 25).reshape(-1, 1)
    window = np.array([1.0] * 10 + [4.0] * 20 + [np.nan] * 10).reshape(-1, 1)
    report = PSI(bins=4, features=["load"]).fit(reference).compare(window)
    old = [25, 25, 25, 25, 0]
    new = [10, 0, 0, 20, 10]
    p = [(count + 0.5) / 102.5 for count in old]
    q = [(count + 0.5) / 42.5 for count in new]
    index = sum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True))
    assert report.statistics["load"] == pytest.approx(index, rel=1e-9)
    assert "missing values from 0% to 25%" in report.describe()


def test_without_a_change_the_probability_is_uniform() -> None:
    probabilities = []
    for seed in range(300):
        generator = np.random.default_rng(seed)
        detector = PSI().fit(generator.normal(size=(1000, 1)))
        probabilities.append(detector._compare(generator.normal(size=(500, 1)))[1][0])
    shares = [(np.array(probabilities) <= level).mean() for level in (0.05, 0.5)]
    assert 0.01 <= shares[0] <= 0.1
    assert 0.4 <= shares[1] <= 0.62


def test_of_many_features_only_those_that_changed_are_named() -> None:
    generator = np.random.default_rng(0)
    reference, window = generator.normal(size=(3000, 100)), generator.normal(size=(150, 100))
    window[:, 42] *= 3.0
    assert PSI(threshold=0.0).fit(reference).compare(window).drifted == ("f42",)


def test_a_large_window_with_a_small_change_is_no_drift() -> None:
    generator = np.random.default_rng(0)
    reference, window = generator.normal(size=(2, 50_000, 1))
    report = PSI().fit(reference).compare(window + 0.1)
    assert report.drifted == ()
    assert 0.005 < report.statistics["f0"] < 0.05


@settings(deadline=None)
@given(st.floats(0, 500), st.integers(1, 40))
def test_the_tail_of_the_chi_squared_distribution_is_that_of_scipy(value, freedom) -> None:
    assert chi_squared_tail(value, freedom) == pytest.approx(chdtrc(freedom, value), rel=1e-9)


def test_counts_are_of_rows() -> None:
    matrix = np.array([[1.0], [2.0], [np.nan], [3.0], [1e30]])
    assert bin_counts(matrix, np.array([[2.0, 3.0]])).tolist() == [[1, 1, 2, 1]]
