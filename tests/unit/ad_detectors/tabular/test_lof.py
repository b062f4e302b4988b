"""`lof` finds what is strange for its surroundings, and agrees with PyOD."""

import numpy as np
import pytest
from pyod.models import lof as pyod_lof

from ad_detectors.tabular.lof import LOF

GENERATOR = np.random.default_rng(4)
ROWS, UNSEEN = GENERATOR.normal(size=(700, 4)), 2.0 * GENERATOR.normal(size=(200, 4))


@pytest.mark.parametrize("neighbors", [1, 5, 20, 100])
def test_scores_agree_with_pyod_to_a_billionth(neighbors) -> None:
    theirs = pyod_lof.LOF(n_neighbors=neighbors).fit(ROWS)
    ours = LOF(neighbors=neighbors, scale=False).fit(ROWS)
    np.testing.assert_allclose(ours.score(UNSEEN), theirs.decision_function(UNSEEN), rtol=1e-9, atol=1e-9)
    unseen = ours._unseen_scores(ROWS)
    np.testing.assert_allclose(unseen, theirs.decision_scores_, rtol=1e-9, atol=1e-9)


def test_scores_agree_with_pyod_among_many_equal_rows() -> None:
    rows = np.vstack([np.repeat(ROWS[:3], 40, axis=0), ROWS])
    theirs, ours = pyod_lof.LOF().fit(rows), LOF(scale=False).fit(rows)
    np.testing.assert_allclose(ours.score(UNSEEN), theirs.decision_function(UNSEEN), rtol=1e-9, atol=1e-9)
    assert np.isfinite(ours.score(rows)).all()


def test_a_row_beside_a_dense_cluster_is_stranger_than_one_in_a_thin_cluster() -> None:
    dense, thin = 0.01 * ROWS, 5.0 + ROWS
    detector = LOF().fit(np.vstack([dense, thin]))
    beside, inside = detector.score([[0.3, 0.0, 0.0, 0.0], [5.3, 5.0, 5.0, 5.0]])
    assert beside > 2.0
    assert inside < 1.3


def test_fewer_rows_than_neighbours_are_enough() -> None:
    for rows in ([[1.0]], [[1.0], [2.0]], [[1.0], [2.0], [9.0]]):
        assert np.isfinite(LOF().fit(rows).score([[1.0], [5.0]])).all()


def test_one_in_a_thousand_unseen_rows_is_as_improbable_as_that() -> None:
    shares = []
    for seed in range(6):
        generator = np.random.default_rng(seed)
        detector = LOF().fit(generator.normal(size=(10_000, 3)))
        unseen = detector.score(generator.normal(size=(20_000, 3)))
        shares.append((detector.probability(unseen) <= 1e-3).mean())
    assert 0.5e-3 <= np.mean(shares) <= 2e-3


def test_contributions_add_up_to_what_is_above_one_and_belong_to_the_features_that_differ() -> None:
    strange = np.array([[0.0, 30.0, 0.0, 0.0], [0.1, 0.2, -0.3, 0.1]])
    detector = LOF().fit(ROWS)
    explanation, scores = detector.explain(strange), detector.score(strange)
    assert explanation.baseline == 1.0
    np.testing.assert_allclose(1.0 + explanation.contributions.sum(axis=1), scores, rtol=1e-12)
    assert explanation.contributions[0, 1] > 0.99 * (scores[0] - 1.0)


def test_contributions_among_many_equal_rows_add_up_to_a_billionth() -> None:
    """A mean density of 1e10 leaves no digits to differences of scores."""
    copies = np.repeat(ROWS[:4], 40, axis=0)
    unseen = np.vstack([copies[:2], copies[:50:10] + 1e-7 * UNSEEN[:5], UNSEEN[:20]])
    detector = LOF().fit(copies)
    explanation, scores = detector.explain(unseen), detector.score(unseen)
    total = explanation.baseline + explanation.contributions.sum(axis=1)
    np.testing.assert_allclose(total, scores, rtol=1e-9)
    assert scores.max() > 1e6
