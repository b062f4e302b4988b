"""Missing values and infinities."""

import numpy as np

from ad_detectors.kernels.fill import fill_missing


def test_missing_values_become_defaults_and_infinities_the_largest_value() -> None:
    rows = np.array([[np.nan, 1.0], [np.inf, -np.inf]])
    filled = fill_missing(rows, np.array([7.0, 8.0]), 100.0)
    assert filled.tolist() == [[7.0, 1.0], [100.0, -100.0]]
    assert np.isnan(rows[0, 0])
