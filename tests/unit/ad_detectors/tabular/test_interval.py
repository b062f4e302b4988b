"""`zscore` and `iqr` on numbers that can be checked by hand."""

import numpy as np
import pytest

from ad_detectors.tabular.iqr import IQR
from ad_detectors.tabular.zscore import ZScore

COLUMN = np.arange(1.0, 10.0).reshape(-1, 1)


def test_zscore_of_one_feature_is_the_distance_in_standard_deviations() -> None:
    detector = ZScore().fit(COLUMN)
    assert detector.score([[5.0], [5.0 + 2 * COLUMN.std()]]).tolist() == pytest.approx([0.0, 2.0])
    assert detector.bounds[:, 0].tolist() == pytest.approx([5, 5 - 3 * COLUMN.std(), 5 + 3 * COLUMN.std()])


def test_iqr_of_one_feature_counts_ranges_beyond_the_quartiles() -> None:
    detector = IQR().fit(COLUMN)
    assert detector.score([[3.0], [7.0], [5.0], [13.0], [-1.0]]).tolist() == [0, 0, 0, 1.5, 1.0]
    assert detector.bounds[:, 0].tolist() == [5, -3, 13]


def test_two_features_are_joined_as_a_distance() -> None:
    rows = np.random.default_rng(0).normal(size=(100, 2))
    detector = ZScore().fit(rows)
    strange = rows.mean(axis=0) + [3, 4] * rows.std(axis=0)
    assert detector.score([strange]) == pytest.approx([5.0])
    assert detector.explain([strange]).contributions[0] == pytest.approx([9 / 5, 16 / 5])


def test_missing_values_in_training_are_left_out_of_mean_and_deviation() -> None:
    holes = np.vstack([COLUMN, np.full((20, 1), np.nan)])
    assert ZScore().fit(holes).score(COLUMN).tolist() == ZScore().fit(COLUMN).score(COLUMN).tolist()


@pytest.mark.parametrize("kind", [ZScore, IQR])
def test_a_constant_feature_makes_every_other_value_stand_out(kind) -> None:
    detector = kind().fit(np.full((20, 1), 3.0))
    assert detector.score([[3.0]]) == 0
    assert 1e3 < detector.score([[3.1]])[0] < np.inf
