"""The covariance of the tightest rows, where features are many."""

import numpy as np
import pytest
from scipy.stats import chi2

from ad_detectors.tabular.mcd import MCD
from ad_detectors.tabular.robust import (
    chi_square_quantile,
    deterministic_mcd,
    first_distances,
    subsets_are_too_small,
    too_narrow,
    whitening,
)

GENERATOR = np.random.default_rng(5)
MIXED = GENERATOR.normal(size=(1200, 200)) @ (np.eye(200) + GENERATOR.normal(size=(200, 200)) / 14.0)


def distances(rows: np.ndarray) -> np.ndarray:
    centre, found = deterministic_mcd(rows, 700)
    return (((rows - centre) @ found) ** 2).sum(axis=1)


@pytest.mark.parametrize("outliers", [0, 60, 300])
def test_outliers_that_all_lie_on_one_side_do_not_bend_the_distances(outliers) -> None:
    rows = MIXED.copy()
    rows[:outliers] += 2.0 * GENERATOR.normal(size=200)
    found = distances(rows)
    # Of a squared distance in 200 dimensions the median is about 200.
    assert 190.0 < np.median(found[outliers:]) < 215.0
    if outliers:
        assert found[:outliers].min() > found[outliers:].max()


def test_directions_without_variance_are_left_out() -> None:
    flat = np.hstack([MIXED[:, :80], MIXED[:, :80], np.zeros((1200, 40))])
    np.testing.assert_allclose(distances(flat), distances(MIXED[:, :80]), rtol=1e-6)


def test_a_whitening_matrix_is_the_root_of_the_pseudo_inverse() -> None:
    half = GENERATOR.normal(size=(5, 3))
    covariance = half @ half.T
    found, variances = whitening(covariance)
    np.testing.assert_allclose(found @ found.T, np.linalg.pinv(covariance), rtol=1e-8, atol=1e-12)
    assert found.shape == (5, 3)
    assert variances.shape == (3,)


@pytest.mark.parametrize(
    ("rows", "features", "too_small"),
    [(400, 300, False), (501, 2, False), (2000, 100, False), (2000, 200, True), (3000, 500, True)],
)
def test_only_subsets_with_fewer_rows_than_features_are_too_small(rows, features, too_small) -> None:
    assert subsets_are_too_small(rows, features, (rows + features + 1) // 2) is too_small


def test_mcd_of_many_features_finds_what_random_subsets_cannot() -> None:
    rows = MIXED.copy()
    rows[:200] += 2.0 * GENERATOR.normal(size=200)
    scores = MCD().fit(rows).score(rows)
    assert scores[:200].min() > scores[200:].max()


@pytest.mark.parametrize("different", [1, 2, 400])
def test_mcd_of_many_features_takes_rows_most_of_which_are_equal(different) -> None:
    rows = np.ones((700, 400))
    rows[:different] = GENERATOR.normal(size=(different, 400))
    assert MCD().fit(rows).score(rows).max() < 1e6


@pytest.mark.parametrize("equal", [340, 380])
def test_equal_rows_that_are_half_of_all_do_not_make_the_others_infinitely_far(equal) -> None:
    rows = np.vstack(
        [np.ones((equal, 400)), MIXED[: 700 - equal, :1] + GENERATOR.normal(size=(700 - equal, 400))]
    )
    assert MCD().fit(rows).score(rows).max() < 1e6


def test_the_first_directions_are_not_those_of_the_outliers() -> None:
    turned = np.linalg.qr(GENERATOR.normal(size=(30, 30)))[0] * np.geomspace(1.0, 0.01, 30)
    rows = GENERATOR.normal(size=(1000, 30)) @ turned.T
    rows[:200] = 1e4 * GENERATOR.normal(size=(200, 30))
    true = ((rows[200:] @ np.linalg.inv(turned).T) ** 2).sum(axis=1)
    assert np.corrcoef(first_distances(rows)[200:], true)[0, 1] > 0.65


@pytest.mark.parametrize("dimensions", [20, 200, 1000])
@pytest.mark.parametrize("share", [0.5, 0.6, 0.975])
def test_quantiles_and_corrections_are_those_of_scipy(share, dimensions) -> None:
    quantile = chi2.ppf(share, dimensions)
    assert chi_square_quantile(share, dimensions) == pytest.approx(quantile, rel=1e-3)
    assert too_narrow(share, dimensions) == pytest.approx(
        chi2.cdf(quantile, dimensions + 2) / share, rel=2e-3
    )


def test_all_rows_may_be_the_support() -> None:
    scores = MCD(support=1.0).fit(MIXED).score(MIXED)
    assert 190.0 < np.median(scores) < 215.0
