"""The forward pass against the plain one."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.autoencoder import residual_scores, residuals
from tests.oracles.ad_detectors import autoencoder as oracle


def network(seed, *sizes):
    generator = np.random.default_rng(seed)
    coefs = [generator.normal(size=pair) for pair in itertools.pairwise(sizes)]
    return coefs, [generator.normal(size=size) for size in sizes[1:]]


def flat(coefs, intercepts):
    sizes = np.array([len(coefs[0]), *map(len, intercepts)], np.int64)
    return sizes, np.concatenate([part.ravel() for part in coefs]), np.concatenate(intercepts)


@pytest.mark.parametrize("sizes", [(1, 1, 1), (3, 8, 2, 8, 3), (2, 5, 2), (6, 1, 7, 6)])
def test_residuals_and_scores_are_those_of_the_plain_network(sizes) -> None:
    coefs, intercepts = network(sum(sizes), *sizes)
    rows, scale = 4.0 * np.random.default_rng(0).normal(size=(30, sizes[0])), np.full(sizes[0], 2.0)
    parts = flat(coefs, intercepts)
    plain = [[weights.tolist() for weights in coefs], [bias.tolist() for bias in intercepts]]
    expected = [oracle.residual(row, 1.5, *plain) for row in (rows / scale).tolist()]
    np.testing.assert_allclose(residuals(rows, scale, 1.5, *parts), expected, rtol=1e-9, atol=1e-9)
    expected = [oracle.score(row, 1.5, *plain) for row in (rows / scale).tolist()]
    np.testing.assert_allclose(residual_scores(rows, scale, 1.5, *parts), expected, rtol=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.floats(-1e30, 1e30), st.floats(1e-300, 1e30))
def test_a_value_beyond_the_reach_is_never_reproduced(value, scale) -> None:
    identity = flat([np.array([[1.0, -1.0]]), np.array([[1.0], [-1.0]])], [np.zeros(2), np.zeros(1)])
    found = residuals(np.array([[value]]), np.array([scale]), 3.0, *identity)[0, 0]
    inside = min(abs(value) / scale, 1e100)
    assert abs(found) == pytest.approx(max(inside - 3.0, 0.0))
