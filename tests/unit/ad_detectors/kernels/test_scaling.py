"""Scaling against the plain one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ad_detectors.kernels.scaling import scaled_row
from tests.oracles.ad_detectors.scaling import scaled

VALUES = st.floats(-1e30, 1e30)
SCALES = st.floats(1e-300, 1e30)


@given(st.lists(st.tuples(VALUES, SCALES), min_size=1, max_size=6))
def test_a_row_is_scaled_as_by_the_plain_twin_and_stays_finite(pairs) -> None:
    row, scale = (np.array(column) for column in zip(*pairs, strict=True))
    found = np.empty(len(row))
    scaled_row(row, scale, found)
    with np.errstate(over="ignore"):
        assert found.tolist() == scaled(row, scale)
    assert np.abs(found).max() <= 1e100
