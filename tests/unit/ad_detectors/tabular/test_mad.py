"""`mad` by hand and against PyOD."""

import numpy as np
import pytest
from pyod.models import mad as theirs

from ad_detectors.tabular.mad import MAD


def test_one_feature_scores_as_in_pyod() -> None:
    rows = np.random.default_rng(1).normal(size=(300, 1))
    unseen = np.random.default_rng(2).normal(size=(100, 1)) * 5
    there = theirs.MAD().fit(rows)
    np.testing.assert_allclose(MAD().fit(rows).score(unseen), there.decision_function(unseen), rtol=1e-12)


def test_two_features_are_joined_as_a_distance() -> None:
    rows = np.column_stack([[1.0, 2.0, 3.0, 4.0, 5.0], [10.0, 20.0, 30.0, 40.0, 5000.0]])
    strange = [[3.0 + 3 / 0.6745, 30.0 + 40 / 0.6745]]
    assert MAD().fit(rows).score(strange) == pytest.approx([5.0])


def test_nearly_half_of_the_training_rows_may_be_outliers() -> None:
    rows = np.random.default_rng(3).normal(size=(1000, 1))
    polluted = np.vstack([rows, np.full((400, 1), 1e6)])
    clean, dirty = MAD().fit(rows).score([[5.0]])[0], MAD().fit(polluted).score([[5.0]])[0]
    assert 0.4 * clean < dirty < clean


def test_where_most_values_are_equal_the_mean_deviation_takes_over() -> None:
    detector = MAD().fit(np.array([[0.0]] * 8 + [[1.0]] * 2))
    assert detector.score([[1.0]]) == pytest.approx([1 / (1.253314 * 0.2)])


def test_bounds_are_so_many_deviations_from_the_median() -> None:
    detector = MAD(deviations=2).fit([[1.0], [2.0], [3.0], [4.0], [5.0]])
    assert detector.bounds[:, 0].tolist() == pytest.approx([3.0, 3 - 2 / 0.6745, 3 + 2 / 0.6745])
