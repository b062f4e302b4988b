"""`loda` against PyOD, and what it should find."""

import numpy as np
import pytest
from pyod.models import loda as theirs
from sklearn.preprocessing import MinMaxScaler

from ad_detectors.errors import DataError
from ad_detectors.tabular.loda import LODA

RANDOM = np.random.default_rng(4)
ROWS = RANDOM.normal(size=(600, 6)) * 10.0 ** np.arange(6) + 3.0


@pytest.mark.parametrize(("cuts", "bins", "seed"), [(100, 10, 0), (33, 4, 5), (1, 50, 2)])
def test_scores_are_those_of_pyod_on_features_from_0_to_1(cuts, bins, seed) -> None:
    scaler = MinMaxScaler().fit(ROWS)
    there = theirs.LODA(n_bins=bins, n_random_cuts=cuts, random_state=seed).fit(scaler.transform(ROWS))
    ours = LODA(cuts=cuts, bins=bins, seed=seed).fit(ROWS)
    np.testing.assert_allclose(ours.score(ROWS), there.decision_scores_, rtol=1e-9, atol=1e-9)
    # Between training rows, and so within their range on every line.
    unseen = 0.5 * (ROWS[:300] + ROWS[300:])
    found = there.decision_function(scaler.transform(unseen))
    np.testing.assert_allclose(ours.score(unseen), found, rtol=1e-9, atol=1e-9)


def test_units_do_not_matter() -> None:
    units = 2.0 ** np.arange(6)
    scores = LODA().fit(ROWS).score(ROWS)
    np.testing.assert_allclose(LODA().fit(ROWS * units).score(ROWS * units), scores, rtol=1e-12)


def test_beyond_the_training_rows_the_score_grows_with_the_distance() -> None:
    detector = LODA().fit(ROWS)
    strange = detector.bounds[0] + np.outer([0.0, 10.0, 100.0], ROWS.std(axis=0))
    scores = detector.score(strange)
    assert scores[0] < detector.score(ROWS).max() < scores[1] < scores[2]


def test_another_value_of_a_constant_feature_stands_out() -> None:
    rows = np.column_stack([ROWS[:, 0], np.full(600, 5.0)])
    ordinary, strange = LODA().fit(rows).score([[3.0, 5.0], [3.0, 5.001]])
    assert strange > 2.0 * ordinary


def test_damaged_lines_are_refused() -> None:
    detector = LODA().fit(ROWS)
    arrays = detector.to_arrays()
    for name, values in (("line_features", 6), ("line_weights", np.nan), ("share", 0.0)):
        damaged = arrays | {name: np.full_like(arrays[name], values)}
        with pytest.raises(DataError, match=r"a line looks outside of the features|must be finite"):
            LODA.from_arrays({}, detector.feature_names, damaged)
