"""Missing values and infinities."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ad_detectors.kernels.fill import fill_missing
from tests.oracles.ad_detectors import fill as oracle


def test_missing_values_become_defaults_and_infinities_the_largest_value() -> None:
    rows = np.array([[np.nan, 1.0], [np.inf, -np.inf]])
    filled = fill_missing(rows, np.array([[7.0, 8.0], [0.0, 0.0], [9.0, 9.0]]))
    assert filled.tolist() == [[7.0, 1.0], [1e30, -1e30]]
    assert np.isnan(rows[0, 0])


@given(
    arrays(np.float64, st.tuples(st.integers(1, 6), st.just(3)), elements=st.floats()),
    arrays(np.float64, 3, elements=st.floats(-1e40, 1e40)),
)
def test_any_values_are_filled_as_the_slow_twin_fills_them(rows: np.ndarray, defaults: np.ndarray) -> None:
    expected = oracle.table(rows.tolist(), defaults.tolist(), 1e30)
    np.testing.assert_array_equal(fill_missing(rows, np.stack([defaults, -defaults])), expected)
