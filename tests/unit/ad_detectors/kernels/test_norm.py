"""Interval distances against the plain ones."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ad_detectors.kernels.norm import interval_contributions, interval_norms
from tests.oracles.ad_detectors.norm import norm

LOW, HIGH, SCALE = np.array([-1.0, 0.0, 5.0]), np.array([1.0, 0.0, 6.0]), np.array([1.0, 1e-9, 2.0])

INTERVAL = np.stack([LOW, HIGH, SCALE])


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 9), st.just(3)), elements=st.floats()))
def test_norms_and_contributions_agree_with_the_plain_ones(rows) -> None:
    norms = interval_norms(rows, INTERVAL)
    plain = [norm(row.tolist(), LOW.tolist(), HIGH.tolist(), SCALE.tolist()) for row in rows]
    np.testing.assert_allclose(norms, plain, rtol=1e-12)
    np.testing.assert_allclose(interval_contributions(rows, INTERVAL).sum(axis=1), plain, rtol=1e-9)
