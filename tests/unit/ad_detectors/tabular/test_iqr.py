"""`iqr` by hand: Tukey's fences."""

import numpy as np
import pytest

from ad_detectors.tabular.iqr import IQR

FIVE = np.array([[1.0], [2.0], [3.0], [4.0], [5.0]])


@pytest.mark.parametrize(
    ("value", "score"), [(2.0, 0.0), (3.5, 0.0), (4.0, 0.0), (5.0, 0.5), (7.0, 1.5), (-4.0, 3.0)]
)
def test_the_score_is_how_many_ranges_a_value_lies_outside_of_the_middle_half(value, score) -> None:
    assert IQR().fit(FIVE).score([[value]]).tolist() == [score]


def test_several_features_are_joined_as_a_distance() -> None:
    detector = IQR().fit(np.hstack([FIVE, 10 * FIVE]))
    assert detector.score([[4.0 + 3 * 2.0, 40.0 + 4 * 20.0]]).tolist() == [5.0]


def test_a_quarter_of_the_training_rows_may_be_outliers() -> None:
    rows = np.random.default_rng(3).normal(size=(1000, 1))
    polluted = np.vstack([rows, np.full((240, 1), 1e6)])
    clean, dirty = (IQR().fit(data).score([[6.0]])[0] for data in (rows, polluted))
    assert 0.3 * clean < dirty < clean


def test_where_the_quartiles_coincide_the_deviation_takes_the_place_of_the_range() -> None:
    rows = np.array([[0.0]] * 9 + [[1.0]])
    assert IQR().fit(rows).score([[1.5]]).tolist() == pytest.approx([1.5 / rows.std()])


@pytest.mark.parametrize("whisker", [0.0, 1.5, 3.0])
def test_bounds_are_the_fences_and_change_no_score(whisker) -> None:
    detector = IQR(whisker=whisker).fit(FIVE)
    assert detector.bounds[:, 0].tolist() == [3.0, 2.0 - whisker * 2.0, 4.0 + whisker * 2.0]
    assert detector.score([[10.0]]).tolist() == [3.0]


def test_missing_values_do_not_count_towards_the_quartiles() -> None:
    detector = IQR().fit(np.vstack([FIVE, np.full((7, 1), np.nan)]))
    assert detector.score([[10.0]]).tolist() == [3.0]
    assert IQR().fit(np.full((5, 1), np.nan)).score([[np.nan]]).tolist() == [0.0]
