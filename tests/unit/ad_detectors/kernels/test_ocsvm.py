"""The tiled sums against the plain ones, and the exponential against that of the standard library."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_detectors.kernels.ocsvm import (
    TILE,
    centred_row,
    exponentials,
    radial_contributions,
    radial_scores,
    squared_distances,
    sum_pairwise,
)
from ad_detectors.tabular.ocsvm import tiled
from tests.oracles.ad_detectors import ocsvm as oracle


def exponential(values):
    found, power = 2.0 * np.array(values), np.empty(len(values))
    exponentials(found, 0.5, power, power.view(np.int64))
    return found.tolist()


@given(st.lists(st.floats(-690, 0), min_size=1, max_size=20))
def test_exponentials_are_right_to_the_last_digits(values) -> None:
    assert exponential(values) == pytest.approx([math.exp(value) for value in values], rel=1e-15)


def test_exponentials_begin_at_one_and_vanish_far_out() -> None:
    assert exponential([0.0, -0.0, -1e-300]) == [1.0, 1.0, 1.0]
    assert all(0.0 < value < 1e-300 for value in exponential([-700.0, -1e9, -1e300, -math.inf]))


@given(st.lists(st.integers(-1000, 1000), min_size=8, max_size=8))
def test_folded_halves_sum_all_values(values) -> None:
    assert sum_pairwise(np.array(values, np.float64)) == sum(values)


@pytest.mark.parametrize("count", [1, TILE, TILE + 1, 1300])
def test_scores_and_contributions_are_the_plain_sums(count) -> None:
    generator = np.random.default_rng(count)
    vectors, weights = generator.normal(size=(count, 3)), generator.uniform(size=count)
    rows, scale = np.vstack([vectors[:2], 3.0 * generator.normal(size=(8, 3))]), np.array([1.0, 2.0, 0.5])
    tiles, padded = tiled(vectors, weights)
    origin = np.array([0.5, -1.0, 0.0])
    plain = [((row - origin) / scale).tolist() for row in rows]
    expected = [oracle.score(row, vectors.tolist(), weights.tolist(), 0.3, 7.0) for row in plain]
    found = radial_scores(rows, origin, scale, tiles, padded, 0.3, 7.0)
    np.testing.assert_allclose(found, expected, atol=1e-11)
    parts = [oracle.contributions(row, vectors.tolist(), weights.tolist(), 0.3) for row in plain]
    shares = radial_contributions(rows, origin, scale, tiles, padded, 0.3)
    np.testing.assert_allclose(shares, parts, atol=1e-11)


def test_distances_are_those_of_each_vector_of_the_tile() -> None:
    tile, found = np.arange(8.0).reshape(2, 4), np.empty(4)
    squared_distances(np.array([1.0, 4.0]), tile, found)
    assert found.tolist() == [1.0, 1.0, 5.0, 13.0]


def test_distances_of_many_features_are_summed_in_their_order() -> None:
    generator = np.random.default_rng(5)
    for width in (3, 4, 5, 11):
        row, tile, found = generator.normal(size=width), generator.normal(size=(width, 8)), np.empty(8)
        squared_distances(row, tile, found)
        plain = np.zeros(8)
        for feature in range(width):
            plain += (row[feature] - tile[feature]) ** 2
        assert found.tobytes() == plain.tobytes()


def test_a_missing_value_is_that_of_the_origin_and_infinity_is_far() -> None:
    origin, scale, found = np.array([2.0, 3.0, -1.0]), np.array([1.0, 2.0, 0.5]), np.empty(3)
    centred_row(np.array([[np.nan, np.inf, -np.inf]]), 0, origin, scale, found)
    assert found.tolist() == [0.0, (1e30 - 3.0) / 2.0, -(1e30 - 1.0) / 0.5]
