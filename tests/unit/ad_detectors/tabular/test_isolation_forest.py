"""`isolation_forest` against scikit-learn's, and what adds up in an explanation."""

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest as Theirs

from ad_detectors.tabular.isolation_forest import IsolationForest, average_path_length

RANDOM = np.random.default_rng(1)
ROWS = RANDOM.normal(size=(600, 4)) * [1.0, 30.0, 1e-3, 1e4]
UNSEEN = np.vstack([RANDOM.normal(size=(100, 4)) * 3.0 * [1.0, 30.0, 1e-3, 1e4], ROWS[:20]])


@pytest.mark.parametrize(("trees", "sample"), [(100, 256), (10, 32), (1, 2), (20, 5000)])
def test_scores_are_those_of_scikit_learn(trees, sample) -> None:
    ours = IsolationForest(trees=trees, sample=sample, seed=3).fit(ROWS)
    theirs = Theirs(n_estimators=trees, max_samples=min(sample, len(ROWS)), random_state=3)
    theirs.fit(ROWS.astype(np.float32))
    np.testing.assert_allclose(
        ours.score(UNSEEN), -theirs.score_samples(UNSEEN.astype(np.float32)), rtol=1e-9
    )


def test_another_seed_draws_another_forest() -> None:
    first, again, other = (IsolationForest(seed=seed).fit(ROWS).score(UNSEEN) for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert (first != other).any()


def test_rows_that_cannot_be_parted_are_ordinary() -> None:
    detector = IsolationForest().fit(np.ones((50, 2)))
    assert detector.score([[1.0, 1.0], [9.0, 9.0]]).tolist() == pytest.approx([0.5, 0.5])
    assert not detector.explain([[9.0, 9.0]]).contributions.any()


def test_contributions_add_up_and_blame_the_feature_that_is_strange() -> None:
    detector = IsolationForest(seed=1).fit(ROWS)
    strange = np.median(ROWS, axis=0)[None, :].repeat(4, axis=0)
    strange[np.arange(4), np.arange(4)] += 12.0 * ROWS.std(axis=0)
    why = detector.explain(strange)
    np.testing.assert_allclose(
        why.baseline + why.contributions.sum(axis=1), detector.score(strange), rtol=1e-9
    )
    assert why.contributions.argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_the_average_path_is_that_of_the_paper() -> None:
    """Equation 1: 2 H(n - 1) - 2 (n - 1) / n, with the harmonic number by its logarithm."""
    assert average_path_length(np.array([0, 1, 2])).tolist() == [0.0, 0.0, 1.0]
    harmonic = sum(1.0 / number for number in range(1, 1000))
    assert average_path_length(np.array([1000]))[0] == pytest.approx(2 * harmonic - 2 * 999 / 1000, abs=2e-3)
