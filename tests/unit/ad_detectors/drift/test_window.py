"""What all detectors of windows do, by the example of one."""

import numpy as np
import pytest

from ad_detectors.drift.ks import KS
from ad_detectors.drift.window import present_means
from ad_detectors.errors import DataError, NotFittedError


def test_of_a_thousand_features_that_did_not_change_hardly_any_window_names_one() -> None:
    generator = np.random.default_rng(0)
    detector = KS(threshold=0.0, alpha=0.05).fit(generator.normal(size=(500, 100)))
    named = sum(bool(detector.compare(generator.normal(size=(200, 100))).drifted) for _ in range(40))
    assert named <= 6


def test_means_before_and_after_are_of_the_values_present() -> None:
    reference, window = np.ones((50, 1)), np.full((50, 1), 3.0)
    window[0] = np.nan
    drift = KS().fit(reference).compare(window).findings[0]
    assert (drift.before, drift.after, drift.missing_after) == (1.0, 3.0, 0.02)
    assert np.isnan(present_means(np.full((2, 1), np.nan))).all()


def test_damaged_arrays_are_refused_by_name() -> None:
    detector = KS().fit(np.zeros((5, 2)))
    arrays = detector.to_arrays()
    with pytest.raises(DataError, match="'ordered'"):
        KS.from_arrays({}, ["a", "b"], arrays | {"ordered": np.zeros((3, 5))})
    with pytest.raises(DataError, match="differ in more"):
        KS.from_arrays({}, ["a", "b"], arrays | {"more": np.zeros(1)})
    with pytest.raises(NotFittedError, match=r"call fit\(reference\) first"):
        KS().to_arrays()
