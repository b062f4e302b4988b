"""The compiled update against the plain one."""

import numpy as np
import pytest

from ad_detectors.streaming.random_cut_forest import RandomCutForest
from tests.oracles.ad_detectors.random_cut import Entity
from tests.support.streaming_twins import agree, both, story


@pytest.mark.parametrize(("width", "shingle"), [(1, 1), (1, 4), (2, 1), (3, 2)])
def test_update_does_what_the_plain_detector_does(width, shingle) -> None:
    detector = RandomCutForest(trees=3, sample=16, shingle=shingle, renewal=0.3, seed=5, history=128)
    agree(*both(detector, Entity, story(width, rows=300)), tolerance=1e-8)


def test_values_that_come_again_do_what_the_plain_detector_does() -> None:
    rows = np.random.default_rng(1).integers(0, 3, size=(300, 2))
    detector = RandomCutForest(trees=3, sample=24, shingle=1, renewal=0.5)
    agree(*both(detector, Entity, rows), tolerance=1e-8)
