"""Nearest-neighbour novelty, on streams that tell a story."""

import numpy as np

from ad_detectors.streaming.nearest_neighbor import NearestNeighbor
from tests.support.streaming_twins import run


def ring(rows=1500):
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, size=rows)
    return np.column_stack([np.sin(angle), np.cos(angle)]) * [1.0, 50.0]


def test_the_middle_of_a_ring_is_novel_though_each_value_is_usual() -> None:
    rows = ring()
    rows[1400] = 0.0, 0.0
    result = run(NearestNeighbor(), rows)
    assert result.anomaly[1400]
    assert result.score[1400] == result.score[100:].max()


def test_what_was_seen_once_is_no_longer_novel() -> None:
    rows = ring()
    rows[800], rows[1300] = (0.0, 0.0), (0.001, 0.01)
    result = run(NearestNeighbor(), rows)
    assert result.anomaly[800]
    assert not result.anomaly[1300]
    np.testing.assert_array_equal(result.expected[1300], [0.0, 0.0])


def test_a_missing_feature_is_left_out_of_the_distance() -> None:
    rows = ring()
    rows[1400] = np.nan, 500.0
    result = run(NearestNeighbor(), rows)
    assert result.imputed[1400]
    assert result.anomaly[1400]
    assert result.contributions[1400].argmax() == 1
