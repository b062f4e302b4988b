"""Shares are never below 0 and make a whole."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ad_detectors.explain.shares import as_shares


@given(arrays(np.float64, (3, 4), elements=st.floats(-1e30, 1e30)))
def test_shares_of_any_parts_add_up_to_one(parts) -> None:
    shares = as_shares(parts)
    assert (shares >= 0.0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-12)


def test_what_takes_something_off_has_no_share_and_none_at_all_is_shared_equally() -> None:
    assert as_shares(np.array([[-1.0, 3.0, 1.0], [-1.0, -2.0, 0.0]])).round(3).tolist() == [
        [0.0, 0.75, 0.25],
        [0.333, 0.333, 0.333],
    ]
