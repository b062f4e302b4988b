"""The compiled walk against the plain one and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.ensemble import IsolationForest as Forest

from ad_detectors.tabular.isolation_forest import IsolationForest
from tests.oracles.ad_detectors import forest as oracle

ROWS = np.random.default_rng(3).normal(size=(600, 4))


def pair(trees=20, sample=64, seed=5, rows=ROWS):
    ours = IsolationForest(trees=trees, sample=sample, seed=seed).fit(rows)
    theirs = Forest(n_estimators=trees, max_samples=min(sample, len(rows)), random_state=seed)
    return ours, theirs.fit(rows.astype(np.float32))


@pytest.mark.parametrize(("trees", "sample"), [(1, 2), (7, 16), (8, 64), (33, 256), (100, 256)])
def test_scores_agree_with_scikit_learn_to_a_billionth(trees, sample) -> None:
    ours, theirs = pair(trees, sample)
    assert np.abs(ours.score(ROWS) + theirs.score_samples(ROWS.astype(np.float32))).max() < 1e-9


def test_scores_agree_with_the_walk_of_the_paper() -> None:
    ours, theirs = pair()
    np.testing.assert_allclose(ours.score(ROWS[:40]), oracle.scores(theirs, ROWS[:40]), atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 40), st.just(4)), elements=st.floats(-1e6, 1e6)))
def test_scores_agree_on_any_values(rows) -> None:
    ours, theirs = pair(5, 16)
    np.testing.assert_allclose(ours.score(rows), oracle.scores(theirs, rows), atol=1e-12)


def test_a_row_on_a_threshold_goes_the_way_it_goes_in_scikit_learn() -> None:
    ours, theirs = pair()
    tree = theirs.estimators_[0].tree_
    edges = tree.threshold[tree.feature == 0].astype(np.float32)
    near = np.concatenate([np.nextafter(edges, -np.inf), edges, np.nextafter(edges, np.inf)])
    rows = np.zeros((len(near), 4))
    rows[:, 0] = near
    assert np.abs(ours.score(rows) + theirs.score_samples(rows.astype(np.float32))).max() < 1e-9


def test_contributions_are_the_shortenings_of_the_expected_path() -> None:
    ours, theirs = pair(6, 32)
    explanation = ours.explain(ROWS[:5])
    for row, parts in zip(ROWS[:5], explanation.contributions, strict=True):
        shortened = oracle.shortenings(theirs, row)
        np.testing.assert_allclose(parts / parts.sum(), shortened / shortened.sum(), atol=1e-9)


def test_an_infinite_row_leaves_no_tree() -> None:
    ours, _ = pair()
    scores = ours.score(np.array([[np.inf] * 4, [-np.inf] * 4]))
    assert np.isfinite(scores).all()
