"""Trees stay whole through any order of insertions and deletions, and remain random cut trees."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.random_cut_tree import NOBODY, Forest, delete, insert, score_point
from tests.oracles.ad_detectors import random_cut_tree as plain

COORDINATES = st.one_of(st.integers(-3, 3).map(float), st.floats(-(2.0**100), 2.0**100, width=32))
POINTS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=2, max_size=40)


def empty(sample, axes, trees=1):
    cuts = sample - 1
    return Forest(
        points=np.zeros((trees, sample, axes), np.float32),
        low=np.zeros((trees, cuts, axes), np.float32),
        high=np.zeros((trees, cuts, axes), np.float32),
        cut_value=np.zeros((trees, cuts), np.float32),
        cut_at=np.zeros((trees, cuts), np.int32),
        left=np.zeros((trees, cuts), np.int16),
        right=np.zeros((trees, cuts), np.int16),
        mass=np.zeros((trees, cuts), np.int16),
        parent=np.zeros((trees, sample + cuts), np.int16),
        root=np.zeros(trees, np.int16),
    )


def put(forest, tree, leaf, cut, point, weight, key) -> None:
    forest.points[tree, leaf] = point
    insert(forest, tree, leaf, cut, weight, np.uint64(key))


def grown(points, sample=8, trees=1, weight=(1.0, 1.0)):
    """Trees that got all points, each full one for a leaf in turn; and the same as plain objects."""
    weight = np.array(weight)
    forest, twins = empty(sample, len(points[0]), trees), []
    for tree in range(trees):
        forest.points[tree, 0], forest.parent[tree, 0] = points[0], NOBODY
        twin = plain.Leaf(0, np.array(points[0], np.float32))
        for count, point in enumerate(points[1:], start=1):
            leaf, cut, key = count, sample + count - 1, 1000 * tree + count
            if count >= sample:
                leaf = (count * 5) % sample
                cut, twin = delete(forest, tree, leaf), plain.delete(twin, leaf)
            put(forest, tree, leaf, cut, point, weight, key)
            twin = plain.insert(twin, plain.Leaf(leaf, np.array(point, np.float32)), weight, key)
        twins.append(twin)
    return forest, twins


def same_tree(forest, node, twin, parent=NOBODY) -> None:
    """Cuts, boxes, masses, parents and leaves are those of the plain tree."""
    sample = forest.points.shape[1]
    assert forest.parent[0, node] == parent
    if isinstance(twin, plain.Leaf):
        assert node == twin.name
        assert forest.points[0, node].tolist() == twin.point.tolist()
        return
    here = node - sample
    low, high = plain.box(twin)
    assert forest.low[0, here].tolist() == low.tolist()
    assert forest.high[0, here].tolist() == high.tolist()
    assert forest.mass[0, here] == len(twin.leaves)
    assert (forest.cut_at[0, here], forest.cut_value[0, here]) == (twin.axis, twin.value)
    same_tree(forest, int(forest.left[0, here]), twin.left, node)
    same_tree(forest, int(forest.right[0, here]), twin.right, node)


def sides_hold(node) -> None:
    """Every point is on its side of every cut, but where all are equal."""
    if isinstance(node, plain.Leaf):
        return
    low, high = plain.box(node)
    if (low < high).any():
        assert all(leaf.point[node.axis] <= node.value for leaf in node.left.leaves)
        assert all(leaf.point[node.axis] > node.value for leaf in node.right.leaves)
    sides_hold(node.left)
    sides_hold(node.right)


@settings(max_examples=80, deadline=None)
@given(POINTS)
def test_a_tree_is_whole_after_any_insertions_and_deletions(points) -> None:
    forest, [twin] = grown(points)
    same_tree(forest, int(forest.root[0]), twin)
    sides_hold(twin)


@settings(max_examples=80, deadline=None)
@given(POINTS, st.tuples(COORDINATES, COORDINATES))
def test_a_score_is_the_expectation_over_the_cuts(points, asked) -> None:
    weight = np.array([1.0, 2.5])
    forest, [twin] = grown(points, weight=weight)
    point, parts, plain_parts = np.array(asked, np.float32), np.zeros(2), [0.0, 0.0]
    score = score_point(forest, 0, point, weight, parts)
    assert score == pytest.approx(plain.score(twin, point, weight, plain_parts), rel=1e-9)
    np.testing.assert_allclose(parts, plain_parts, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("weight", [(1.0, 1.0), (1.0, 4.0)])
def test_after_insertions_and_deletions_the_first_cut_is_as_in_a_tree_made_at_once(weight) -> None:
    points = [
        (9.0, 9.0),
        (0.0, 1.0),
        (-7.0, 30.0),
        (1.0, 0.0),
        (2.0, 1.5),
        (0.5, 3.0),
        (4.0, 2.0),
        (1.0, 1.0),
    ]
    trees = 2500
    forest, _ = grown(points, sample=8, trees=trees, weight=weight)
    for tree in range(trees):
        delete(forest, tree, 2)
        delete(forest, tree, 0)
    here = forest.root - 8
    each = np.arange(trees)
    extent = np.array([4.0, 3.0]) * weight
    second = (forest.cut_at[each, here] == 1).mean()
    assert second == pytest.approx(extent[1] / extent.sum(), abs=0.03)
    values = forest.cut_value[each, here]
    for axis, reach in enumerate((4.0, 3.0)):
        own = values[forest.cut_at[each, here] == axis]
        assert own.min() >= 0.0
        assert own.max() < reach
        assert own.mean() == pytest.approx(reach / 2, abs=0.12)
