"""The compiled update against the plain one."""

import numpy as np
import pytest

from ad_detectors.streaming.half_space_trees import HalfSpaceTrees, halvings
from tests.oracles.ad_detectors.half_space import Entity
from tests.support.streaming_twins import agree, both, story


@pytest.mark.parametrize(("width", "height", "window"), [(1, 6, 100), (2, 8, 32), (4, 5, 250)])
def test_update_does_what_the_plain_detector_does(width, height, window) -> None:
    detector = HalfSpaceTrees(trees=5, height=height, window=window, seed=3, history=256)
    table = story(width)
    table[:, -1] = np.where(np.arange(len(table)) < 300, np.nan, table[:, -1])
    trees = detector._trees(width)
    agree(*both(detector, lambda wide, p: Entity(wide, p, trees), table))


@pytest.mark.parametrize("features", [1, 3])
def test_every_cell_is_half_of_the_one_above(features) -> None:
    feature, threshold = halvings(trees=4, height=5, features=features, seed=1)
    for tree in range(4):
        check_halves(feature[tree], threshold[tree], 0, {})


def check_halves(feature, threshold, node, sides) -> None:
    """Each cut lies in the middle of what the cuts above it in the same feature have left."""
    if node >= len(feature):
        return
    axis, cut = feature[node], threshold[node]
    low, high = sides.get(axis, (None, None))
    if low is not None and high is not None:
        assert cut == pytest.approx((low + high) / 2)
    assert low is None or low < cut
    assert high is None or cut < high
    check_halves(feature, threshold, 2 * node + 1, {**sides, axis: (low, cut)})
    check_halves(feature, threshold, 2 * node + 2, {**sides, axis: (cut, high)})
