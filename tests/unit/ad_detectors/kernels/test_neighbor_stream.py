"""The compiled update against the plain one."""

import numpy as np
import pytest

from ad_detectors.kernels.neighbor_stream import NOBODY, nearest
from ad_detectors.streaming.nearest_neighbor import NearestNeighbor
from tests.oracles.ad_detectors.neighbor_stream import Entity
from tests.support.streaming_twins import agree, both, story


@pytest.mark.parametrize(("width", "memory"), [(1, 8), (1, 64), (3, 32)])
def test_update_does_what_the_plain_detector_does(width, memory) -> None:
    detector = NearestNeighbor(memory=memory, half_life=60, history=256)
    agree(*both(detector, Entity, story(width)))


def test_values_that_come_again_do_what_the_plain_detector_does() -> None:
    rows = np.random.default_rng(4).integers(0, 12, size=(600, 2)) * 1.1
    agree(*both(NearestNeighbor(memory=32, history=128), Entity, rows))


def test_a_row_that_shares_no_feature_is_no_neighbor() -> None:
    kept = np.array([[np.nan, 1.0], [np.nan, 7.0]])
    scale = np.ones(2)
    assert nearest(kept, 2, np.array([3.0, np.nan]), scale) == (NOBODY, np.inf)
    assert nearest(kept, 2, np.array([3.0, 5.0]), scale) == (1, np.sqrt(8.0))
