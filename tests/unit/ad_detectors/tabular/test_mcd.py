"""`mcd` against PyOD, and what it should find."""

import numpy as np
import pytest
from pyod.models import mcd as theirs

from ad_detectors.errors import DataError
from ad_detectors.tabular.mcd import MCD

RANDOM = np.random.default_rng(3)
MIXING = np.linalg.qr(RANDOM.normal(size=(4, 4)))[0] * [1.0, 2.0, 5.0, 20.0]
ROWS = RANDOM.normal(size=(400, 4)) @ MIXING + [0.0, 10.0, -5.0, 100.0]
UNSEEN = RANDOM.normal(size=(100, 4)) * 30.0


@pytest.mark.parametrize(("support", "seed"), [(0.0, 0), (0.0, 7), (0.9, 1)])
def test_scores_are_those_of_pyod(support, seed) -> None:
    there = theirs.MCD(support_fraction=support or None, random_state=seed).fit(ROWS)
    ours = MCD(support=support, seed=seed).fit(ROWS)
    np.testing.assert_allclose(ours.score(ROWS), there.decision_scores_, rtol=1e-9)
    np.testing.assert_allclose(ours.score(UNSEEN), there.decision_function(UNSEEN), rtol=1e-9)


def test_a_cluster_of_outliers_in_training_does_not_hide_itself() -> None:
    cluster = np.array([0.0, 10.0, -5.0, 400.0]) + 0.1 * RANDOM.normal(size=(120, 4))
    scores = MCD().fit(np.vstack([ROWS, cluster])).score(np.vstack([ROWS, cluster]))
    assert scores[400:].min() > 2.0 * scores[:400].max()


def test_a_direction_without_variance_is_left_out_and_a_constant_feature_is_not() -> None:
    rows = np.column_stack([ROWS, ROWS[:, 0] + ROWS[:, 1], np.full(400, 6.0)])
    detector = MCD().fit(rows)
    # Each subset has the determinant 0 then, so that another one may be found.
    np.testing.assert_allclose(detector.score(rows), MCD().fit(ROWS).score(ROWS), rtol=0.25)
    strange = rows[:1].copy()
    strange[0, 5] = 6.001
    assert detector.score(strange)[0] > 1e6


@pytest.mark.parametrize("rows", [ROWS[:1], ROWS[:2], ROWS[:4], np.repeat(ROWS[:2], [99, 1], axis=0)])
def test_where_no_subset_can_be_found_all_rows_make_the_covariance(rows) -> None:
    scores = MCD().fit(rows).score(np.vstack([rows, UNSEEN]))
    assert np.isfinite(scores).all()
    assert scores[len(rows) :].max() > scores[: len(rows)].max()


def test_the_parts_of_correlated_features_add_up() -> None:
    explanation = MCD().fit(ROWS).explain(UNSEEN)
    assert explanation.baseline == 0.0
    assert (explanation.contributions < 0.0).any()
    scores = MCD().fit(ROWS).score(UNSEEN)
    np.testing.assert_allclose(explanation.contributions.sum(axis=1), scores, rtol=1e-9)


def test_damaged_arrays_are_refused() -> None:
    detector = MCD().fit(ROWS)
    arrays = detector.to_arrays() | {"centre": np.full(4, np.nan)}
    with pytest.raises(DataError, match="damaged"):
        MCD.from_arrays({}, detector.feature_names, arrays)
