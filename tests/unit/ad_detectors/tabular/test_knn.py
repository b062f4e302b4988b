"""`knn` finds what is far from everything, and agrees with PyOD."""

import numpy as np
import pytest
from pyod.models import knn as pyod_knn

from ad_detectors.tabular.knn import KNN

GENERATOR = np.random.default_rng(4)
ROWS, UNSEEN = GENERATOR.normal(size=(700, 4)), 2.0 * GENERATOR.normal(size=(200, 4))


@pytest.mark.parametrize("method", ["largest", "mean", "median"])
@pytest.mark.parametrize("neighbors", [1, 4, 5, 40])
def test_scores_agree_with_pyod_to_a_billionth(neighbors, method) -> None:
    theirs = pyod_knn.KNN(n_neighbors=neighbors, method=method).fit(ROWS)
    ours = KNN(neighbors=neighbors, method=method, scale=False).fit(ROWS)
    np.testing.assert_allclose(ours.score(UNSEEN), theirs.decision_function(UNSEEN), rtol=1e-9, atol=1e-9)
    unseen = ours._unseen_scores(ROWS)
    np.testing.assert_allclose(unseen, theirs.decision_scores_, rtol=1e-9, atol=1e-9)


def test_in_units_of_scale_they_agree_with_pyod_on_scaled_rows() -> None:
    stretched = ROWS * [1.0, 1e3, 1e-3, 1e6]
    ours = KNN().fit(stretched)
    units = ours.bounds[2] - ours.bounds[1]
    theirs = pyod_knn.KNN().fit(stretched / units).decision_function(UNSEEN / units)
    np.testing.assert_allclose(ours.score(UNSEEN), theirs, rtol=1e-9, atol=1e-9)


def test_a_row_between_two_clusters_stands_out() -> None:
    clusters = np.vstack([ROWS - 8.0, ROWS + 8.0])
    detector = KNN().fit(clusters)
    between, within = detector.score([[0.0] * 4, [8.0] * 4])
    assert between > detector.threshold(0.01) > within


@pytest.mark.parametrize("method", ["largest", "mean", "median"])
def test_contributions_add_up_and_belong_to_the_features_that_differ(method) -> None:
    detector = KNN(method=method).fit(ROWS)
    strange = np.array([[0.0, 30.0, 0.0, 0.0], [0.1, 0.2, -0.3, 0.1]])
    explanation = detector.explain(strange)
    total = explanation.baseline + explanation.contributions.sum(axis=1)
    np.testing.assert_allclose(total, detector.score(strange), rtol=1e-12)
    assert explanation.contributions[0, 1] > 0.99 * total[0]
    assert (explanation.contributions >= 0).all()


def test_fewer_rows_than_neighbours_are_enough() -> None:
    assert KNN(neighbors=9, scale=False).fit([[0.0], [2.0], [3.0]]).score([[0.0]]).tolist() == [2.0]
    assert KNN(scale=False).fit([[1.0]]).score([[1.0], [4.0]]).tolist() == [0.0, 3.0]


def test_one_in_a_thousand_unseen_rows_is_as_improbable_as_that() -> None:
    shares = []
    for seed in range(6):
        generator = np.random.default_rng(seed)
        detector = KNN().fit(generator.standard_t(3, size=(10_000, 3)))
        unseen = detector.score(generator.standard_t(3, size=(20_000, 3)))
        shares.append((detector.probability(unseen) <= 1e-3).mean())
    assert 0.5e-3 <= np.mean(shares) <= 2e-3


def test_the_feature_that_is_off_is_named_among_many() -> None:
    generator = np.random.default_rng(6)
    rows, places = generator.normal(size=(1000, 40)), generator.integers(0, 40, size=100)
    strange = generator.normal(size=(100, 40))
    strange[np.arange(100), places] = 4.0
    named = KNN().fit(rows).explain(strange).contributions.argmax(axis=1)
    assert (named == places).mean() > 0.95
