"""`ensemble` combines detectors of the catalogue after calibration."""

import numpy as np
import pytest

from ad_detectors import catalog
from ad_detectors.ensemble.combining import COMBINATIONS
from ad_detectors.ensemble.ensemble import Ensemble
from ad_detectors.errors import DataError, ParameterError

GENERATOR = np.random.default_rng(9)
ROWS = GENERATOR.normal(size=(400, 3))
QUICK = "zscore,knn"


def members(rows: np.ndarray) -> np.ndarray:
    """The surprises of both members, fitted apart."""
    fitted = [catalog.create(name).as_member().fit(ROWS) for name in QUICK.split(",")]
    return np.stack([-np.log10(member.probability(member.score(rows))) for member in fitted])


@pytest.mark.parametrize(
    ("combine", "slow"),
    [
        ("average", lambda parts: parts.mean(axis=0)),
        ("maximum", lambda parts: parts.max(axis=0)),
        ("rank", lambda parts: -np.log10((10.0**-parts).mean(axis=0))),
    ],
)
def test_scores_are_the_combined_surprises_of_the_members(combine, slow) -> None:
    unseen = 3.0 * GENERATOR.normal(size=(50, 3))
    detector = Ensemble(members=QUICK, combine=combine).fit(ROWS)
    np.testing.assert_allclose(detector.score(unseen), slow(members(unseen)), rtol=1e-9, atol=1e-12)


def test_units_of_members_do_not_matter_for_their_weight() -> None:
    stretched = ROWS * [1.0, 1e6, 1e-6]
    one, other = (Ensemble(members=QUICK).fit(rows) for rows in (ROWS, stretched))
    np.testing.assert_allclose(one.score(ROWS), other.score(stretched), rtol=1e-6)


def test_given_weights_count_and_missing_ones_come_from_agreement() -> None:
    given = Ensemble(members=QUICK, combine="weighted", weights="3, 1").fit(ROWS)
    parts = members(ROWS[:5])
    np.testing.assert_allclose(given.score(ROWS[:5]), (3.0 * parts[0] + parts[1]) / 4.0, rtol=1e-9)
    found = Ensemble(members="zscore,mad,knn", combine="weighted").fit(ROWS)
    assert (found.to_arrays()["weights"] > 0.3).all()


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"members": "knn,no_such"}, "members"),
        ({"members": "knn,knn"}, "members"),
        ({"members": "ensemble"}, "members"),
        ({"members": ""}, "members"),
        ({"weights": "1,1,1"}, "weights"),
        ({"combine": "weighted", "weights": "1,2"}, "weights"),
        ({"combine": "weighted", "weights": "1,2,-3"}, "weights"),
        ({"combine": "weighted", "weights": "1,2,x"}, "weights"),
        ({"combine": "median"}, "combine"),
    ],
)
def test_wrong_parameters_are_refused_by_name(parameters, named) -> None:
    with pytest.raises(ParameterError, match=f"'{named}'.*valid"):
        Ensemble(**parameters)


def test_the_seed_reaches_the_members() -> None:
    one, again, other = (
        Ensemble(members="isolation_forest", seed=seed).fit(ROWS).score(ROWS) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_an_artifact_without_a_member_or_with_a_wrong_weight_is_refused() -> None:
    detector = Ensemble(members=QUICK).fit(ROWS)
    arrays, parameters = detector.to_arrays(), detector.parameters.as_dict()
    lacking = {name: array for name, array in arrays.items() if not name.startswith("knn_")}
    with pytest.raises(DataError, match="missing"):
        Ensemble.from_arrays(parameters, detector.feature_names, lacking)
    with pytest.raises(DataError, match="'weights'"):
        Ensemble.from_arrays(parameters, detector.feature_names, {**arrays, "weights": np.array([1.0, 0.0])})


def test_one_in_a_hundred_unseen_rows_is_as_improbable_as_that() -> None:
    shares = []
    for seed in range(4):
        generator = np.random.default_rng(seed)
        detector = Ensemble(members=QUICK).fit(generator.normal(size=(2000, 2)))
        unseen = detector.score(generator.normal(size=(4000, 2)))
        shares.append((detector.probability(unseen) <= 0.01).mean())
    assert 0.005 < np.mean(shares) < 0.02


@pytest.mark.parametrize("combine", COMBINATIONS)
def test_a_value_between_two_clusters_is_explained_by_its_feature(combine) -> None:
    """A walk to the middle of the data would blame the features that are as they should be."""
    generator = np.random.default_rng(3)
    clusters = generator.normal(size=(600, 6)) + 20.0 * (np.arange(600) % 3 - 1)[:, None]
    strange = clusters[:100].copy()
    places = generator.integers(0, 6, size=100)
    strange[np.arange(100), places] += 8.0
    detector = Ensemble(members="knn,lof", combine=combine).fit(clusters)
    explanation = detector.explain(strange)
    assert explanation.baseline == 0.0
    assert (explanation.contributions >= 0.0).all()
    assert (explanation.contributions.argmax(axis=1) == places).all()
    np.testing.assert_allclose(explanation.contributions.sum(axis=1), detector.score(strange), rtol=1e-12)


def test_only_the_member_that_decides_explains_the_maximum() -> None:
    detector = Ensemble(members=QUICK, combine="maximum").fit(ROWS)
    rows = 2.0 * ROWS[:50]
    surprises = [-np.log10(member.probability(member.score(rows))) for member in detector._members]
    parts = np.stack([member.explain(rows).contributions for member in detector._members])
    own = parts[np.argmax(surprises, axis=0), range(50)]
    expected = own / own.sum(axis=1, keepdims=True) * detector.score(rows)[:, None]
    np.testing.assert_allclose(detector.explain(rows).contributions, expected, rtol=1e-9, atol=1e-12)
