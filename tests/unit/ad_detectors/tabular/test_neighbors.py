"""The tree that is built, kept and read again."""

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.kernels.neighbors import LEAF
from ad_detectors.tabular.knn import KNN
from ad_detectors.tabular.lof import LOF
from ad_detectors.tabular.neighbors import leaf_order, tree_of

ROWS = np.random.default_rng(0).normal(size=(1000, 3))


@pytest.mark.parametrize("count", [1, 63, 64, 65, 1000, 5000])
def test_leaves_are_full_and_hold_each_point_once(count) -> None:
    points = np.random.default_rng(count).normal(size=(count, 2))
    assert sorted(leaf_order(points).tolist()) == list(range(count))
    assert tree_of(points, np.ones(2)).blocks.shape == (-(-count // LEAF), 3, LEAF)


def test_every_point_lies_in_the_box_of_its_leaf_and_of_its_group() -> None:
    points = ROWS[leaf_order(ROWS)]
    boxes = tree_of(points, np.ones(3)).boxes
    width = boxes.shape[3]
    for at, point in enumerate(points):
        group, leaf = divmod(at // LEAF, width)
        for low, high in (boxes[group, :, :, leaf], boxes[-1, :, :, group]):
            assert ((low <= point) & (point <= high)).all()


def test_equal_points_make_a_tree_too() -> None:
    assert KNN().fit(np.full((500, 2), 3.0)).score([[3.0, 3.0]]).tolist() == [0.0]


@pytest.mark.parametrize("kind", [KNN, LOF])
def test_of_more_rows_than_the_reference_as_many_are_kept(kind) -> None:
    arrays = kind(reference=100, seed=1).fit(ROWS).to_arrays()
    again = kind(reference=100, seed=1).fit(ROWS).to_arrays()
    other = kind(reference=100, seed=2).fit(ROWS).to_arrays()
    assert arrays["points"].shape == (100, 3)
    assert arrays["points"].tobytes() == again["points"].tobytes() != other["points"].tobytes()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("points", np.full((100, 3), np.nan)),
        ("points", np.full((100, 3), 1e300)),
        ("points", np.zeros((0, 3))),
        ("scale", np.array([1.0, 0, 1])),
    ],
)
def test_damaged_arrays_are_refused(name, wrong) -> None:
    arrays = KNN().fit(ROWS[:100]).to_arrays()
    with pytest.raises(DataError, match=name):
        KNN.from_arrays({}, "abc", {**arrays, name: wrong})


@pytest.mark.parametrize("name", ["reach", "density"])
def test_damaged_densities_are_refused(name) -> None:
    arrays = LOF().fit(ROWS[:100]).to_arrays()
    with pytest.raises(DataError, match=name):
        LOF.from_arrays({}, "abc", {**arrays, name: np.full(100, np.inf)})
