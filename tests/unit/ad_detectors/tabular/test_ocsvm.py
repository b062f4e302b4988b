"""`ocsvm` finds what lies outside of a curved region, and agrees with PyOD."""

import numpy as np
import pytest
from pyod.models import ocsvm as pyod_ocsvm

from ad_detectors.errors import DataError
from ad_detectors.tabular.ocsvm import OCSVM

GENERATOR = np.random.default_rng(4)
ROWS, UNSEEN = GENERATOR.normal(size=(700, 4)), 2.0 * GENERATOR.normal(size=(200, 4))


@pytest.mark.parametrize(("nu", "gamma"), [(0.5, 0.25), (0.1, 0.25), (0.99, 5.0), (0.01, 0.02)])
def test_scores_agree_with_pyod_to_a_billionth(nu, gamma) -> None:
    centred = ROWS - np.median(ROWS, axis=0)
    theirs = pyod_ocsvm.OCSVM(nu=nu, gamma=gamma).fit(centred)
    ours = OCSVM(nu=nu, gamma=gamma, scale=False).fit(centred)
    np.testing.assert_allclose(ours.score(UNSEEN), theirs.decision_function(UNSEEN), rtol=1e-9, atol=1e-9)


def test_a_row_in_the_middle_of_a_ring_stands_out() -> None:
    angle = GENERATOR.uniform(0, 2 * np.pi, size=1000)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) + 0.05 * GENERATOR.normal(size=(1000, 2))
    detector = OCSVM(nu=0.05, gamma=20.0).fit(ring)
    middle, on_it = detector.score([[0.0, 0.0], [1.0, 0.0]])
    assert middle > 0.0 > on_it


def test_contributions_belong_to_the_features_that_differ() -> None:
    explanation = OCSVM().fit(ROWS).explain([[0.0, 6.0, 0.0, 0.0]])
    assert explanation.contributions[0, 1] > 0.7 * explanation.contributions[0].sum()


def test_a_shift_of_the_features_changes_little() -> None:
    shifted = OCSVM().fit(ROWS + 2.0**30).score(UNSEEN + 2.0**30)
    np.testing.assert_allclose(shifted, OCSVM().fit(ROWS).score(UNSEEN), rtol=1e-3, atol=1e-2)


def test_it_is_fitted_to_as_many_rows_as_the_reference_allows() -> None:
    arrays = OCSVM(nu=0.9, reference=50).fit(ROWS).to_arrays()
    assert 45 <= len(arrays["vectors"]) <= 50


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("machine", np.array([0.0, 1.0])), ("machine", np.array([1.0, np.nan])), ("scale", np.zeros(4))],
)
def test_damaged_arrays_are_refused(name, wrong) -> None:
    arrays = OCSVM().fit(ROWS).to_arrays()
    with pytest.raises(DataError, match="damaged"):
        OCSVM.from_arrays({}, "abcd", {**arrays, name: wrong})


def test_one_in_a_thousand_unseen_rows_is_as_improbable_as_that() -> None:
    shares = []
    for seed in range(6):
        generator = np.random.default_rng(seed)
        detector = OCSVM().fit(generator.standard_t(3, size=(10_000, 3)))
        unseen = detector.score(generator.standard_t(3, size=(20_000, 3)))
        shares.append((detector.probability(unseen) <= 1e-3).mean())
    assert 0.5e-3 <= np.mean(shares) <= 2e-3
