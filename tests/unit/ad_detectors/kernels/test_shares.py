"""In which features rows differ from their neighbours, against the plain sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_detectors.kernels.shares import squared_differences
from tests.oracles.ad_detectors import shares as oracle


@given(
    st.integers(1, 6), st.integers(1, 5), st.integers(1, 4), st.sampled_from([1e-100, 1.0, 1e100]), st.data()
)
def test_the_sums_are_those_of_the_named_points(rows, width, neighbors, size, data) -> None:
    generator = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    given_rows, points = size * generator.normal(size=(rows, width)), size * generator.normal(size=(9, width))
    ids = generator.integers(0, 9, size=(rows, neighbors))
    found = squared_differences(given_rows, points, ids)
    plain = oracle.squared_differences(given_rows.tolist(), points.tolist(), ids.tolist())
    np.testing.assert_allclose(found, plain, rtol=1e-12)


@pytest.mark.parametrize("width", [1, 3])
def test_a_row_that_equals_its_neighbours_differs_in_nothing(width) -> None:
    rows = np.full((2, width), 7.0)
    assert not squared_differences(rows, rows, np.array([[0, 1], [1, 0]])).any()
