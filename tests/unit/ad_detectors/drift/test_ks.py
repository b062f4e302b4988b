"""The Kolmogorov-Smirnov test against SciPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from ad_detectors.drift.ks import KEPT, KS, distance
from ad_detectors.kernels.kswin import ks_probability

SAMPLE = st.lists(st.integers(-5, 5).map(float) | st.floats(-1e9, 1e9), min_size=20, max_size=60)


@settings(deadline=None)
@given(SAMPLE, SAMPLE)
def test_distance_and_probability_are_those_of_scipy(first, second) -> None:
    found = distance(np.sort(first), np.sort(second))
    theirs = ks_2samp(first, second, method="asymp")
    assert found == pytest.approx(theirs.statistic, abs=1e-12)
    assert ks_probability(found, len(first), len(second)) == pytest.approx(theirs.pvalue, abs=0.05)


@pytest.mark.parametrize("change", [0.0, 0.05, 0.3])
def test_probability_is_near_the_exact_one_and_a_thinned_reference_near_the_whole(change) -> None:
    generator = np.random.default_rng(0)
    reference, window = generator.normal(size=50_000), generator.normal(size=800) + change
    detector = KS(threshold=0.0).fit(reference.reshape(-1, 1))
    assert detector.to_arrays()["ordered"].shape == (1, KEPT)
    statistics, probabilities = detector._compare(window.reshape(-1, 1))
    exact = ks_2samp(reference, window)
    assert statistics[0] == pytest.approx(exact.statistic, abs=2e-4)
    assert probabilities[0] == pytest.approx(exact.pvalue, rel=0.1, abs=1e-12)


def test_a_change_of_the_missing_share_alone_is_found_and_said() -> None:
    generator = np.random.default_rng(0)
    reference, window = generator.normal(size=(2000, 2)), generator.normal(size=(500, 2))
    window[:150, 1] = np.nan
    report = KS(features=["load", "heat"]).fit(reference).compare(window)
    assert report.drifted == ("heat",)
    assert "missing values from 0% to 30%" in report.describe()
