"""The neighbours of training rows, counted one by one."""

import numpy as np
import pytest

from ad_detectors.calibration.order import memory_of
from ad_detectors.tabular.apart import neighbors_apart
from ad_detectors.tabular.knn import KNN

NOISE = np.random.default_rng(8).normal(size=(603, 2))
TOGETHER = NOISE[:-3] + NOISE[1:-2] + NOISE[2:-1] + NOISE[3:]


@pytest.mark.parametrize("rows", [NOISE, TOGETHER], ids=["no order", "in order"])
@pytest.mark.parametrize("reference", [20_000, 300])
def test_neither_the_row_nor_those_around_it_are_its_neighbours(rows, reference) -> None:
    knn = KNN(scale=False, reference=reference).fit(rows)
    memory = memory_of(rows)
    assert memory == (0 if rows is NOISE else 3)
    found = np.concatenate([distances for distances, _ in neighbors_apart(knn._tree, knn._kept, rows, 5)])
    apart = np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(axis=2))
    apart[np.abs(np.subtract.outer(np.arange(len(rows)), np.arange(len(rows)))) <= memory] = np.inf
    expected = np.sort(apart[:, knn._kept], axis=1)[:, :5]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_single_row_has_itself_only() -> None:
    knn = KNN().fit([[1.0, 2.0]])
    [(distances, numbers)] = neighbors_apart(knn._tree, knn._kept, np.array([[1.0, 2.0]]), 1)
    assert distances.tolist() == [[0.0]]
    assert numbers.tolist() == [[0]]


def test_copies_of_a_row_are_neighbours_of_it() -> None:
    rows = np.repeat([[0.0, 0.0], [1.0, 1.0]], [150, 3], axis=0)
    knn = KNN(scale=False, neighbors=2).fit(rows)
    [(distances, _)] = neighbors_apart(knn._tree, knn._kept, rows, 2)
    assert not distances.any()
