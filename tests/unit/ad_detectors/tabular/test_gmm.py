"""`gmm` against PyOD, and what it should find."""

import numpy as np
import pytest
from pyod.models import gmm as theirs
from sklearn.preprocessing import StandardScaler

from ad_detectors.errors import DataError
from ad_detectors.tabular.gmm import GaussianMixture

RANDOM = np.random.default_rng(5)
MODES = np.vstack([RANDOM.normal(-4, 1, (300, 3)), RANDOM.normal(4, 1, (200, 3))]) * [1.0, 1e5, 1e-5]
UNSEEN = RANDOM.normal(size=(100, 3)) * MODES.std(axis=0) * 2


@pytest.mark.parametrize(("components", "seed"), [(1, 0), (2, 0), (4, 3)])
def test_scores_are_those_of_pyod_on_standardised_rows(components, seed) -> None:
    scaler = StandardScaler().fit(MODES)
    there = theirs.GMM(n_components=components, random_state=seed).fit(scaler.transform(MODES))
    ours = GaussianMixture(components=components, seed=seed).fit(MODES)
    units = np.log(scaler.scale_).sum()
    np.testing.assert_allclose(ours.score(MODES), there.decision_scores_ + units, rtol=1e-9)
    expected = there.decision_function(scaler.transform(UNSEEN)) + units
    np.testing.assert_allclose(ours.score(UNSEEN), expected, rtol=1e-9)


def test_between_two_clouds_a_row_is_strange_to_two_components_only() -> None:
    middle = [[0.0, 0.0, 0.0]]
    for components, strange in ((1, False), (2, True)):
        detector = GaussianMixture(components=components).fit(MODES)
        assert (detector.score(middle)[0] > detector.score(MODES).max()) == strange


def test_the_feature_that_leaves_its_cloud_is_blamed() -> None:
    row = MODES[:300].mean(axis=0)
    row[1] = 4e5
    explanation = GaussianMixture(components=2).fit(MODES).explain([row])
    assert explanation.contributions[0].argmax() == 1
    assert explanation.contributions[0, 1] > 0.9 * explanation.contributions[0].sum()


def test_more_components_than_different_rows_are_not_asked_for() -> None:
    rows = np.repeat(MODES[[0, 400]], 20, axis=0)
    assert np.isfinite(GaussianMixture(components=50).fit(rows).score(UNSEEN)).all()


def test_probabilities_hold_for_unseen_rows_though_many_components_fit_the_training_rows_too_well() -> None:
    train, unseen = np.split(RANDOM.normal(size=(3300, 6)), [300])
    detector = GaussianMixture(components=5).fit(train)
    alerts = (detector.probability(detector.score(unseen)) <= 0.01).mean()
    assert alerts < 0.03
    assert (detector.score(unseen) > detector.threshold(0.01)).mean() > 0.05


@pytest.mark.parametrize(("components", "margin"), [(1, 1e-5), (2, 0.02)])
def test_training_rows_are_calibrated_as_fits_without_them_score_them(components, margin) -> None:
    rows = np.vstack([MODES[:25], MODES[300:320]])
    left_out = [
        GaussianMixture(components=components).fit(np.delete(rows, row, axis=0)).score(rows[row : row + 1])[0]
        for row in range(len(rows))
    ]
    found = GaussianMixture(components=components).fit(rows)._unseen_scores(rows)
    np.testing.assert_allclose(found, left_out, atol=margin)


def test_damaged_arrays_are_refused() -> None:
    detector = GaussianMixture().fit(MODES)
    arrays = detector.to_arrays()
    for damage in ({"weights": np.zeros(1)}, {"whitenings": -arrays["whitenings"]}):
        with pytest.raises(DataError, match="weights and scales must be above 0"):
            GaussianMixture.from_arrays({}, detector.feature_names, arrays | damage)
