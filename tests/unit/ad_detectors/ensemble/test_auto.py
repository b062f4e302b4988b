"""`auto` finds anomalies alone and in groups, says what it saw, and knows when trees are of no use."""

import numpy as np
import pytest

from ad_detectors import catalog
from ad_detectors.ensemble.auto import Auto
from ad_detectors.errors import DataError, NotFittedError
from ad_detectors.model import Model

GENERATOR = np.random.default_rng(12)
ROWS = GENERATOR.normal(size=(1000, 4))


def test_a_tight_group_of_anomalies_in_the_training_rows_is_found() -> None:
    group = 4.0 + 0.05 * GENERATOR.normal(size=(50, 4))
    detector = Auto().fit(np.vstack([ROWS, group]))
    assert (detector.score(group) > np.quantile(detector.score(ROWS), 0.98)).all()


def test_a_row_between_two_clusters_stands_out() -> None:
    detector = Auto().fit(np.vstack([ROWS - 8.0, ROWS + 8.0]))
    between, within = detector.score([[0.0] * 4, [8.0] * 4])
    assert between > detector.threshold(0.01) > within


def test_a_broken_relation_between_features_stands_out() -> None:
    base = GENERATOR.normal(size=1000)
    related = np.column_stack([base, base + 0.05 * GENERATOR.normal(size=1000)])
    kept, broken = Auto().fit(related).score([[1.0, 1.0], [1.0, -1.0]])
    assert broken > kept + 0.5


def test_a_far_value_of_one_feature_does_not_drown_the_others() -> None:
    heavy = np.column_stack([GENERATOR.standard_cauchy(1000), GENERATOR.normal(size=1000)])
    detector = Auto().fit(heavy)
    usual, strange = detector.score([[5.0, 0.0], [5.0, 8.0]])
    assert strange > usual + 0.5


def test_a_row_scores_at_least_half_of_the_surprise_of_a_forest() -> None:
    detector, forest = Auto(seed=3).fit(ROWS), catalog.create("isolation_forest", seed=3)
    forest.as_member().fit(ROWS)
    unseen = 2.0 * GENERATOR.normal(size=(2000, 4))
    least = -0.5 * np.log10(forest.probability(forest.score(unseen)))
    scores = detector.score(unseen)
    assert (scores >= least - 1e-12).all()
    assert (scores <= least + 1e-12).any()


def test_trees_weigh_much_where_rules_make_the_score_and_little_in_many_dimensions() -> None:
    flat = np.column_stack([GENERATOR.exponential(size=1500), GENERATOR.integers(0, 3, size=1500)])
    many = GENERATOR.normal(size=(600, 30))
    assert Auto().fit(flat).to_arrays()["weight"][0] > 0.5
    assert Auto().fit(many).to_arrays()["weight"][0] < 0.2


def test_few_different_rows_are_scored_without_trees() -> None:
    detector = Auto().fit(np.repeat(ROWS[:20], 10, axis=0))
    assert not any(name.startswith("student") for name in detector.to_arrays())
    assert detector.reasons[-1].startswith("trees: not used")
    assert detector.score([[9.0] * 4])[0] > detector.score(ROWS[:20]).max()


def test_of_many_rows_a_part_is_studied() -> None:
    detector = Auto(reference=300).fit(ROWS)
    assert "300 of them" in detector.reasons[0]
    assert len(detector.to_arrays()["neighbors_straight_points"]) <= 210


def test_reasons_survive_the_artifact() -> None:
    detector = Auto().fit(ROWS)
    again = Auto.from_arrays({}, detector.feature_names, detector.to_arrays())
    assert again.reasons == detector.reasons
    assert len(again.reasons) == 6
    with pytest.raises(NotFittedError, match="fit"):
        _ = Auto().reasons


@pytest.mark.parametrize("weight", [-0.1, 1.5, np.nan])
def test_a_weight_out_of_range_is_refused(weight) -> None:
    detector = Auto().fit(ROWS[:100])
    with pytest.raises(DataError, match="'weight'"):
        Auto.from_arrays({}, detector.feature_names, {**detector.to_arrays(), "weight": np.array([weight])})


def test_the_seed_decides() -> None:
    one, again, other = (Auto(seed=seed).fit(ROWS).score(ROWS[:50]) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_a_thousand_features_work() -> None:
    wide = GENERATOR.normal(size=(150, 1000))
    model = Model.train("auto", wide)
    assert model.score(wide[:3] + 4.0).score.min() > model.threshold


def test_one_in_a_hundred_unseen_rows_is_as_improbable_as_that() -> None:
    shares = []
    for seed in range(4):
        generator = np.random.default_rng(seed)
        detector = Auto().fit(generator.normal(size=(2000, 3)))
        unseen = detector.score(generator.normal(size=(4000, 3)))
        shares.append((detector.probability(unseen) <= 0.01).mean())
    assert 0.005 < np.mean(shares) < 0.02


def test_a_value_between_two_clusters_is_explained_by_its_feature() -> None:
    """A walk to the middle of the data would blame the features that are as they should be."""
    generator = np.random.default_rng(3)
    clusters = generator.normal(size=(600, 6)) + 20.0 * (np.arange(600) % 3 - 1)[:, None]
    strange = clusters[:100].copy()
    places = generator.integers(0, 6, size=100)
    strange[np.arange(100), places] += 8.0
    detector = Auto().fit(clusters)
    explanation = detector.explain(strange)
    assert explanation.baseline == 0.0
    assert (explanation.contributions >= 0.0).all()
    assert (explanation.contributions.argmax(axis=1) == places).all()
    np.testing.assert_allclose(explanation.contributions.sum(axis=1), detector.score(strange), rtol=1e-12)


def test_where_the_forest_has_the_last_word_it_gives_the_reasons() -> None:
    detector = Auto(seed=3).fit(ROWS)
    forest = detector._forest
    unseen = 2.0 * GENERATOR.normal(size=(2000, 4))
    last_word = detector.score(unseen) == -0.5 * np.log10(forest.probability(forest.score(unseen)))
    reasons = np.maximum(forest.explain(unseen).contributions, 0.0)
    last_word &= reasons.any(axis=1)
    assert last_word.any()
    decided, reasons = unseen[last_word], reasons[last_word]
    expected = reasons / reasons.sum(axis=1, keepdims=True) * detector.score(decided)[:, None]
    np.testing.assert_allclose(detector.explain(decided).contributions, expected, rtol=1e-9, atol=1e-12)
