"""The compiled factor and update against plain linear algebra."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.mahalanobis import add_outer, set_identity, solve
from ad_detectors.streaming.mahalanobis import Mahalanobis
from tests.oracles.ad_detectors.mahalanobis import Entity
from tests.support.streaming_twins import agree, both, story


@pytest.mark.parametrize("width", [1, 2, 5])
def test_update_does_what_the_plain_detector_does(width) -> None:
    agree(*both(Mahalanobis(half_life=60, history=256), Entity, story(width)), tolerance=1e-8)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_the_factor_follows_the_matrix_and_solves(size, seed) -> None:
    generator = np.random.default_rng(seed)
    factor, matrix = np.zeros(size * (size + 1) // 2), np.eye(size)
    set_identity(factor, size)
    for _ in range(3 * size):
        step, gain = generator.normal(size=size), generator.uniform(0.01, 0.5)
        matrix = (1 - gain) * matrix + gain * np.outer(step, step)
        add_outer(factor, step.copy(), gain)
    lower = np.zeros((size, size))
    lower.T[np.triu_indices(size)] = factor
    np.testing.assert_allclose(lower @ lower.T, matrix, rtol=1e-9, atol=1e-12)
    right, solution = generator.normal(size=size), np.zeros(size)
    squared = solve(factor, right, solution)
    np.testing.assert_allclose(matrix @ solution, right, rtol=1e-7, atol=1e-9)
    assert squared == pytest.approx(right @ solution, rel=1e-8)
