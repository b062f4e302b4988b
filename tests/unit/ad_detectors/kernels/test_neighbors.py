"""The tree search against looking at every point."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ad_detectors.kernels.neighbors import neighbor_lists, neighbor_scores, outlier_factors
from ad_detectors.tabular.neighbors import leaf_order, tree_of
from tests.oracles.ad_detectors import neighbors as oracle

VALUES = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e30, 1e30), st.floats(-1e-30, 1e-30))


def tree(points):
    points = np.ascontiguousarray(points[leaf_order(points)])
    return tree_of(points, np.ones(points.shape[1]))


def agree(found, rows, count) -> None:
    """The distances are those of all points, and the numbers those of points at these distances."""
    distances, ids = neighbor_lists(*found, rows, count)
    every = np.sqrt(((rows[:, None] - found.points) ** 2).sum(axis=2))
    np.testing.assert_allclose(distances, np.sort(every, axis=1)[:, :count], rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(distances, np.take_along_axis(every, ids, axis=1), rtol=1e-12, atol=1e-300)
    assert all(len(set(row)) == count for row in ids.tolist())


@pytest.mark.parametrize("width", [1, 2, 3, 10, 33])
@pytest.mark.parametrize("count", [1, 20, 64, 65, 128, 193, 1000, 4500])
def test_the_nearest_of_all_points_are_found(count, width) -> None:
    generator = np.random.default_rng(count)
    rows = np.vstack([generator.normal(size=(40, width)), 50.0 * generator.normal(size=(5, width))])
    agree(tree(generator.normal(size=(count, width))), rows, min(7, count))


@pytest.mark.parametrize("level", [0.0, 1e6, 1e12])
def test_rounding_loses_no_neighbour_far_from_the_origin_or_beside_gross_outliers(level) -> None:
    generator = np.random.default_rng(1)
    points = level + generator.normal(size=(900, 4))
    points[::300] *= 1e9
    agree(tree(points), np.vstack([points[:50] + 0.01, points[-50:] * (1 + 1e-12)]), 5)


@pytest.mark.parametrize("spread", [1e-3, 0.1, 1.0])
def test_rounding_loses_no_neighbour_in_a_dense_cluster_beside_a_far_one(spread) -> None:
    generator = np.random.default_rng(1)
    dense = 1e6 * generator.normal(size=4) + spread * generator.normal(size=(300, 4))
    agree(tree(np.vstack([generator.normal(size=(900, 4)), dense])), dense[:100] + 0.1 * spread, 5)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 150), st.integers(1, 4), st.integers(1, 5))
def test_the_nearest_are_found_among_any_values(data, count, width, rows) -> None:
    points = data.draw(arrays(np.float64, (count, width), elements=VALUES))
    agree(tree(points), data.draw(arrays(np.float64, (rows, width), elements=VALUES)), min(3, count))


@pytest.mark.parametrize(("first", "last"), [(5, 5), (1, 5), (3, 3), (2, 3)])
def test_scores_are_mean_distances(first, last) -> None:
    generator = np.random.default_rng(2)
    found, rows = tree(generator.normal(size=(300, 3))), generator.normal(size=(30, 3))
    plain = [oracle.mean_distance(found.points.tolist(), row, first, last) for row in rows.tolist()]
    np.testing.assert_allclose(neighbor_scores(*found, rows, first, last), plain, rtol=1e-12)


def test_outlier_factors_are_those_of_the_paper() -> None:
    generator = np.random.default_rng(3)
    found, rows = tree(generator.normal(size=(90, 2))), 2.0 * generator.normal(size=(20, 2))
    points = found.points.tolist()
    others = [oracle.neighbors(points, point, 4, without=at) for at, point in enumerate(points)]
    reach = np.array([near[-1][0] for near in others])
    density = np.array([oracle.density(points, near, 4) for near in others])
    plain = [oracle.outlier_factor(points, row, 4) for row in rows.tolist()]
    around = np.column_stack([reach, density])
    np.testing.assert_allclose(outlier_factors(*found, rows, around, 4), plain, rtol=1e-12)


def test_features_are_measured_in_units_of_scale() -> None:
    points = np.array([[0.0, 0.0], [1.0, 0.0]])
    found = tree_of(points, np.array([1.0, 100.0]))
    assert neighbor_scores(*found, np.array([[0.0, 300.0]]), 1, 1).tolist() == [3.0]
