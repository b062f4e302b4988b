"""Look-ups in bins against looking at every edge."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ad_detectors.kernels.histogram import bin_of, histogram_parts, histogram_scores
from tests.oracles.ad_detectors.histogram import part, score

EDGES = np.stack([np.linspace(0.0, 1.0, 5), np.linspace(-3.0, 100.0, 5), np.linspace(-1e-9, 1e-9, 5)])
PARTS = np.array([[1.0, 2.0, 3.0, 0.5], [4.0, -1.0, 2.0, 2.0], [0.0, 9.0, 0.0, 1.0]])
MIDDLE, REACH = (EDGES[:, 0] + EDGES[:, -1]) / 2, (EDGES[:, -1] - EDGES[:, 0]) / 2
HALVES = np.stack([MIDDLE, 1.0 / REACH, PARTS.max(axis=1)], axis=1)
TOLERANCE, TIE = 0.5, 1e-10
VALUE = st.floats(-1e30, 1e30) | st.floats(-0.3, 1.3) | st.sampled_from(EDGES.ravel().tolist())


@settings(max_examples=100, deadline=None)
@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 9), st.just(3)), elements=VALUE))
def test_scores_and_parts_agree_with_the_plain_ones(rows) -> None:
    plain = [score(row.tolist(), EDGES, PARTS, TOLERANCE) for row in rows]
    np.testing.assert_allclose(histogram_scores(rows, EDGES, PARTS, HALVES, TOLERANCE, TIE), plain, atol=1e-9)
    parts = histogram_parts(rows, EDGES, PARTS, HALVES, TOLERANCE, TIE)
    expected = [
        [part(x, e.tolist(), p.tolist(), TOLERANCE) for x, e, p in zip(row, EDGES, PARTS, strict=True)]
        for row in rows
    ]
    np.testing.assert_allclose(parts, expected, atol=1e-9)


def test_a_value_on_an_edge_is_in_the_bin_below() -> None:
    places = np.linspace(-1.0, 1.0, 5)
    assert [bin_of(x, p, EDGES, 1) for x, p in zip(EDGES[1], places, strict=True)] == [-1, 0, 1, 2, 3]


def test_of_two_values_in_one_bin_the_one_farther_out_has_more_but_hardly() -> None:
    near, far = histogram_parts(
        np.array([[0.55, 0.0, 0.0], [0.7, 0.0, 0.0]]), EDGES, PARTS, HALVES, TOLERANCE, TIE
    )[:, 0]
    assert 0.0 < far - near < 1e-10
