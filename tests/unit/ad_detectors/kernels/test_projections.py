"""Places and parts on random lines against the plain ones."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ad_detectors.kernels.projections import line_scores, projected
from tests.oracles.ad_detectors.projections import score

STANDARD = np.array([[0.0, 1.0, -5.0], [1.0, 10.0, 0.1]])
FEATURES = np.array([[0, 2], [1, 2], [0, 1]], np.int64)
WEIGHTS = np.array([[1.0, -0.5], [0.3, 2.0], [-1.0, 1.0]])
EDGES = np.stack([np.linspace(-2.0, 2.0, 5), np.linspace(-40.0, 7.0, 5), np.linspace(0.0, 1e-3, 5)])
PARTS = np.array([[1.0, 2.0, 3.0, 0.5], [4.0, 0.1, 2.0, 2.5], [0.0, 9.0, 0.2, 1.0]])
HALVES = np.stack([(EDGES[:, 0] + EDGES[:, -1]) / 2, 2.0 / (EDGES[:, -1] - EDGES[:, 0])], axis=1)


@settings(max_examples=100, deadline=None)
@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 9), st.just(3)),
        elements=st.floats(-1e30, 1e30) | st.floats(-6, 6),
    )
)
def test_scores_agree_with_the_plain_ones(rows) -> None:
    found = line_scores(rows, STANDARD, FEATURES, WEIGHTS, EDGES, PARTS, HALVES, 1e-10)
    plain = [score(row, STANDARD, FEATURES, WEIGHTS, EDGES, PARTS) for row in rows]
    np.testing.assert_allclose(found, plain, atol=1e-9)


def test_a_place_is_the_weighted_sum_of_the_standardised_values() -> None:
    places = projected(np.array([[2.0, 11.0, -4.9], [0.0, 1.0, -5.0]]), STANDARD, FEATURES, WEIGHTS)
    np.testing.assert_allclose(places, [[1.5, 0.0], [2.3, 0.0], [-1.0, 0.0]], atol=1e-12)


def test_of_two_rows_in_the_same_bins_the_one_farther_out_has_more_but_hardly() -> None:
    near, far = line_scores(
        np.array([[0.1, 1.0, -5.0], [0.2, 1.0, -5.0]]), STANDARD, FEATURES[:1], WEIGHTS[:1], EDGES[:1],
        PARTS[:1], HALVES[:1], 1e-10,
    )  # fmt: skip
    assert 0.0 < far - near < 1e-10
