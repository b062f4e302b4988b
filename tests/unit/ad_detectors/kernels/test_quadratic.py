"""Squared distances and densities against the plain ones."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ad_detectors.kernels.quadratic import (
    mixture_parts,
    mixture_scores,
    shares_of,
    squared_distances,
    squared_parts,
)
from tests.oracles.ad_detectors.quadratic import density, parts, squared

ORIGIN = np.array([10.0, -2.0, 0.0])
SHIFTS = np.array([[0.5, 0.0, -1.0], [-3.0, 2.0, 4.0]])
CENTRES = ORIGIN + SHIFTS
WHITENINGS = np.random.default_rng(2).normal(size=(2, 3, 4))
WHITENINGS[:, :, 3] = 0.0
PEAKS = np.array([-1.0, -2.5])
ROWS = arrays.arrays(np.float64, st.tuples(st.integers(1, 9), st.just(3)), elements=st.floats(-20, 20))


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_distances_and_their_parts_agree_with_the_plain_ones(rows) -> None:
    found = squared_parts(rows, ORIGIN, SHIFTS, WHITENINGS)
    plain = [parts(row, CENTRES[0], WHITENINGS[0]) for row in rows]
    np.testing.assert_allclose(found, plain, rtol=1e-9, atol=1e-9)
    distances = squared_distances(rows, ORIGIN, SHIFTS, WHITENINGS)
    np.testing.assert_allclose(distances, np.sum(plain, axis=1), rtol=1e-9, atol=1e-9)
    assert (distances >= 0.0).all()


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 9), st.just(3)), elements=st.floats(-2, 2)))
def test_a_mixture_scores_minus_the_logarithm_of_its_density(rows) -> None:
    near = rows + ORIGIN
    plain = [-math.log(density(row, CENTRES, WHITENINGS, PEAKS)) for row in near]
    np.testing.assert_allclose(mixture_scores(near, ORIGIN, SHIFTS, WHITENINGS, PEAKS), plain, rtol=1e-9)


def test_a_row_in_one_component_is_explained_by_this_one_alone() -> None:
    row = CENTRES[:1] + 0.1
    found = mixture_parts(row, ORIGIN, SHIFTS, WHITENINGS, np.array([0.0, -1000.0]))
    np.testing.assert_allclose(found[0], 0.5 * np.array(parts(row[0], CENTRES[0], WHITENINGS[0])), rtol=1e-12)
    assert found.sum() * 2 == squared(row[0], CENTRES[0], WHITENINGS[0])


def test_shares_sum_to_one_however_small_the_logarithms() -> None:
    logs = np.array([-5000.0, -5000.0, -1e30])
    assert shares_of(logs) == -5000.0 + math.log(2.0)
    assert logs.tolist() == [0.5, 0.5, 0.0]
