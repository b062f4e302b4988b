"""The Mahalanobis distance, on streams that tell a story."""

import numpy as np

from ad_detectors.streaming.mahalanobis import Mahalanobis
from tests.support.streaming_twins import run


def related(rows=1500, features=3):
    generator = np.random.default_rng(0)
    common = generator.normal(size=(rows, 1))
    return common + 0.1 * generator.normal(size=(rows, features))


def test_a_row_that_breaks_the_relation_is_odd_though_each_value_is_usual() -> None:
    rows = related()
    rows[1400] = 1.0, 1.0, -1.0
    result = run(Mahalanobis(), rows)
    assert result.anomaly[1400]
    assert result.score[1400] == result.score[100:].max()
    assert result.contributions[1400].argmax() == 2


def test_a_feature_that_is_the_sum_of_others_makes_nothing_singular() -> None:
    rows = np.random.default_rng(1).normal(size=(3000, 2))
    rows = np.column_stack([rows, rows.sum(axis=1)])
    detector = Mahalanobis(half_life=50)
    result = run(detector, rows)
    assert np.isfinite(result.score).all()
    assert result.anomaly.sum() <= 45
    rows[2900, 2] += 2.0
    assert run(detector, rows).score[2900] > 2


def test_a_relation_that_turns_is_followed() -> None:
    rows = related(3000, 2)
    rows[1500:, 1] *= -1.0
    result = run(Mahalanobis(half_life=100), rows)
    assert result.anomaly[1500:1510].any()
    assert result.anomaly[2200:].sum() <= 10
