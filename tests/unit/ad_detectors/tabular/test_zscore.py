"""`zscore` by hand."""

import numpy as np
import pytest

from ad_detectors.tabular.zscore import ZScore

ROWS = np.random.default_rng(1).normal(size=(300, 3)) * [1.0, 40.0, 1e-3] + [0.0, -7.0, 5.0]


def test_one_feature_scores_the_distance_from_the_mean_in_deviations() -> None:
    column = ROWS[:, 1:2]
    expected = np.abs(column - column.mean()) / column.std()
    np.testing.assert_allclose(ZScore().fit(column).score(column), expected[:, 0], rtol=1e-12)


def test_several_features_are_joined_as_a_distance() -> None:
    expected = np.sqrt((((ROWS - ROWS.mean(axis=0)) / ROWS.std(axis=0)) ** 2).sum(axis=1))
    np.testing.assert_allclose(ZScore().fit(ROWS).score(ROWS), expected, rtol=1e-12)


def test_missing_values_do_not_count_towards_mean_and_deviation() -> None:
    lacking = np.append(ROWS[:, 0], [np.nan] * 50).reshape(-1, 1)
    full, holes = ZScore().fit(ROWS[:, :1]), ZScore().fit(lacking)
    np.testing.assert_allclose(holes.bounds, full.bounds, rtol=1e-12)
    np.testing.assert_allclose(holes.score(ROWS[:, :1]), full.score(ROWS[:, :1]), rtol=1e-12)


@pytest.mark.parametrize("deviations", [0.5, 2.0, 3.0])
def test_bounds_are_so_many_deviations_from_the_mean_and_change_no_score(deviations) -> None:
    detector = ZScore(deviations=deviations).fit([[9.0], [11.0]])
    assert detector.bounds[:, 0].tolist() == [10.0, 10.0 - deviations, 10.0 + deviations]
    assert detector.score([[13.0]]).tolist() == [3.0]


def test_every_other_value_than_a_constant_stands_out() -> None:
    detector = ZScore().fit(np.full((30, 1), 5.0))
    assert detector.score([[5.0], [5.001]]).tolist() == pytest.approx([0.0, 0.001 / 5e-9])
