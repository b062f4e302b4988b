"""`copod` against PyOD on its training rows, and against counting on others."""

import numpy as np
import pytest
from pyod.models import copod as theirs

from ad_detectors.tabular.copod import COPOD
from tests.oracles.ad_detectors import tails

RANDOM = np.random.default_rng(8)
SHAPES = {
    "skewed both ways": np.column_stack([RANDOM.exponential(size=500), -RANDOM.exponential(size=500)]),
    "normal": RANDOM.normal(size=(500, 5)),
    "ties": RANDOM.poisson(2.0, size=(500, 3)).astype(np.float64),
    "symmetric": np.array([[-2.0], [-1.0], [0.0], [1.0], [2.0]]),
    "one constant": np.column_stack([RANDOM.normal(size=500), np.full(500, 3.0)]),
}


@pytest.mark.filterwarnings("ignore:Precision loss")  # scipy, of the constant
@pytest.mark.parametrize("shape", SHAPES)
def test_training_rows_score_as_in_pyod(shape) -> None:
    rows = SHAPES[shape]
    there = theirs.COPOD().fit(rows).decision_scores_
    np.testing.assert_allclose(COPOD().fit(rows).score(rows), there, rtol=1e-9, atol=1e-9)


def test_unseen_rows_are_compared_with_the_training_rows_only() -> None:
    rows = SHAPES["skewed both ways"]
    unseen = np.random.default_rng(9).normal(size=(50, 2)) * 4
    parts = [
        [tails.part(x, c, tails.copod, side) for x, c, side in zip(row, rows.T, (1, -1), strict=True)]
        for row in unseen
    ]
    np.testing.assert_allclose(COPOD().fit(rows).score(unseen), np.sum(parts, axis=1), rtol=1e-9)


def test_contributions_are_what_a_value_has_more_than_the_expected_one() -> None:
    detector = COPOD().fit(SHAPES["normal"])
    strange = detector.bounds[0].copy()
    strange[3] = 9.0
    explanation = detector.explain([strange])
    assert explanation.baseline == detector.score(detector.bounds[:1])[0]
    assert explanation.contributions[0, [0, 1, 2, 4]].tolist() == [0.0] * 4
    assert explanation.contributions[0, 3] > 3.0


def test_the_tail_to_which_a_feature_leans_counts_more() -> None:
    detector = COPOD().fit(SHAPES["skewed both ways"][:, :1])
    low, high = np.quantile(SHAPES["skewed both ways"][:, 0], [0.01, 0.99])
    assert detector.score([[high]])[0] > 1.5 * detector.score([[low]])[0]
