"""Trees learn what they can of another detector's opinion, and it is known how much that is."""

import numpy as np
import pytest

from ad_detectors.ensemble.student import Student, explained
from ad_detectors.errors import DataError

GENERATOR = np.random.default_rng(8)
ROWS = GENERATOR.normal(size=(600, 3))


def test_a_rule_on_one_feature_is_learnt_and_foretold_for_unseen_rows() -> None:
    student, foretold, _ = Student.taught(ROWS, (ROWS[:, 1] > 1.0).astype(float), seed=1)
    low, high = student.opinions(np.array([[0.0, -1.0, 0.0], [0.0, 3.0, 0.0]]))
    assert low < 0.1
    assert high > 0.8
    assert explained((ROWS[:, 1] > 1.0).astype(float), foretold) > 0.8


def test_noise_cannot_be_foretold() -> None:
    opinion = GENERATOR.normal(size=600)
    _, foretold, _ = Student.taught(ROWS, opinion, seed=1)
    assert explained(opinion, foretold) < 0.05


def test_opinions_are_those_of_scikit_learn() -> None:
    from sklearn.ensemble import ExtraTreesRegressor

    opinion = np.abs(ROWS).sum(axis=1)
    student, foretold, _ = Student.taught(ROWS, opinion, seed=4)
    theirs = ExtraTreesRegressor(
        100, min_samples_leaf=10, max_features=3, bootstrap=True, oob_score=True, random_state=4
    ).fit(ROWS.astype(np.float32), opinion)
    unseen = 2.0 * GENERATOR.normal(size=(300, 3))
    np.testing.assert_allclose(student.opinions(unseen), theirs.predict(unseen.astype(np.float32)), rtol=1e-9)
    np.testing.assert_allclose(foretold, theirs.oob_prediction_, rtol=1e-9)


def test_the_arrays_bring_back_every_bit() -> None:
    student, *_ = Student.taught(ROWS, ROWS[:, 0], seed=2)
    again = Student.from_arrays(student.to_arrays(), 3)
    np.testing.assert_array_equal(again.opinions(ROWS), student.opinions(ROWS))


def test_trees_that_point_outside_of_the_features_are_refused() -> None:
    student, *_ = Student.taught(ROWS, ROWS[:, 0], seed=2)
    with pytest.raises(DataError, match="damaged"):
        Student.from_arrays(student.to_arrays(), 1)


def test_a_constant_opinion_explains_nothing() -> None:
    assert explained(np.ones(5), np.ones(5)) == 0.0


def test_without_its_own_opinion_a_row_is_judged_by_all_trees_as_if_unseen() -> None:
    """Opinions without any sense: what is left of a row's own is the only thing to find in them."""
    opinion = np.random.default_rng(3).normal(size=len(ROWS))
    student, foretold, without_own = Student.taught(ROWS, opinion, seed=1)

    def alike(found):
        return np.corrcoef(found, opinion)[0, 1]

    assert alike(student.opinions(ROWS)) > 0.3
    assert abs(alike(without_own)) < 0.2
    assert without_own.std() < foretold.std()
