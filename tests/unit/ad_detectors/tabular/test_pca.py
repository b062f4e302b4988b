"""`pca` against PyOD, and what it should find."""

import numpy as np
import pytest
from pyod.models import pca as theirs

from ad_detectors.errors import DataError
from ad_detectors.tabular.pca import PCA

RANDOM = np.random.default_rng(2)
ROWS = RANDOM.normal(size=(500, 5)) @ RANDOM.normal(size=(5, 5)) * [1.0, 1e3, 1.0, 1e-3, 1.0] + 4.0
UNSEEN = RANDOM.normal(size=(200, 5)) * ROWS.std(axis=0) * 3


@pytest.mark.parametrize("components", [0, 1, 3])
def test_scores_are_those_of_pyod(components) -> None:
    there = theirs.PCA(n_selected_components=components or None, svd_solver="full").fit(ROWS)
    ours = PCA(components=components).fit(ROWS)
    np.testing.assert_allclose(ours.score(ROWS), there.decision_scores_, rtol=1e-9)
    np.testing.assert_allclose(ours.score(UNSEEN), there.decision_function(UNSEEN), rtol=1e-9)


def test_linearly_dependent_features_score_as_in_pyod() -> None:
    rows = np.column_stack([ROWS, ROWS[:, 0] - 2.0 * ROWS[:, 2]])
    unseen = np.column_stack([UNSEEN, UNSEEN[:, 0]])
    there = theirs.PCA(svd_solver="full").fit(rows)
    np.testing.assert_allclose(PCA().fit(rows).score(unseen), there.decision_function(unseen), rtol=1e-9)


def test_the_farther_from_the_mean_the_higher_the_score_in_every_direction() -> None:
    detector = PCA().fit(ROWS)
    for direction in np.vstack([np.eye(5), -np.eye(5)]):
        strange = ROWS.mean(axis=0) + np.outer([2.0, 6.0, 12.0], direction * ROWS.std(axis=0))
        assert (np.diff(detector.score(strange)) > 0.0).all()


def test_a_feature_at_its_mean_is_not_blamed() -> None:
    strange = ROWS.mean(axis=0)
    strange[2] += 9.0 * ROWS[:, 2].std()
    explanation = PCA().fit(ROWS).explain([strange])
    assert explanation.contributions[0, 2] == pytest.approx(explanation.contributions[0].sum())


def test_without_any_variance_the_score_is_the_distance() -> None:
    detector = PCA().fit(np.full((20, 2), 5.0))
    assert detector.score([[5.0, 5.0], [5.0, 5.1]]) == pytest.approx([0.0, 0.1 / 5e-9])


def test_damaged_weights_are_refused() -> None:
    detector = PCA().fit(ROWS)
    arrays = detector.to_arrays() | {"weights": np.zeros(5)}
    with pytest.raises(DataError, match="every weight must be above 0"):
        PCA.from_arrays({}, detector.feature_names, arrays)
