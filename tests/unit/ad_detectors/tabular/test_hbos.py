"""`hbos` against PyOD, and where it goes on."""

import numpy as np
import pytest
from pyod.models import hbos as theirs
from sklearn.preprocessing import MinMaxScaler

from ad_detectors.tabular.hbos import HBOS

RANDOM = np.random.default_rng(4)
ROWS = np.column_stack(
    [RANDOM.normal(size=800), RANDOM.exponential(size=800) * 1e6, RANDOM.uniform(size=800)]
)


@pytest.mark.parametrize(("bins", "alpha", "tolerance"), [(10, 0.1, 0.5), (33, 0.5, 0.1), (3, 0.01, 0.9)])
def test_scores_are_those_of_pyod_on_features_from_0_to_1(bins, alpha, tolerance) -> None:
    scaler = MinMaxScaler().fit(ROWS)
    there = theirs.HBOS(bins, alpha, tolerance).fit(scaler.transform(ROWS))
    ours = HBOS(bins=bins, alpha=alpha, tolerance=tolerance).fit(ROWS)
    np.testing.assert_allclose(ours.score(ROWS), there.decision_scores_, atol=1e-9)
    # Within the range of the training rows, where the two mean the same.
    unseen = 0.5 * (ROWS[:400] + ROWS[400:])
    np.testing.assert_allclose(
        ours.score(unseen), there.decision_function(scaler.transform(unseen)), atol=1e-9
    )


def test_units_do_not_matter() -> None:
    scores = HBOS().fit(ROWS).score(ROWS)
    np.testing.assert_allclose(HBOS().fit(ROWS * 1024.0).score(ROWS * 1024.0), scores, rtol=1e-12)


def test_a_value_in_the_gap_between_two_modes_scores_highest() -> None:
    modes = np.concatenate([RANDOM.normal(-5, 1, 500), RANDOM.normal(5, 1, 500)])[:, None]
    detector = HBOS().fit(modes)
    gap = detector.score([[0.0]])[0]
    assert gap > detector.score(modes).mean() + 2.0
    assert gap < detector.score([[30.0]])[0] < detector.score([[300.0]])[0]


def test_another_value_of_a_constant_feature_stands_out() -> None:
    rows = np.column_stack([ROWS[:, 0], np.full(800, 7.0)])
    detector = HBOS().fit(rows)
    explanation = detector.explain([[0.0, 7.0], [0.0, 7.1]])
    assert explanation.contributions[:, 1] == pytest.approx([0.0, explanation.contributions[1, 1]])
    assert explanation.contributions[1, 1] > 6.0
