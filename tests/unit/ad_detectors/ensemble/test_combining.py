"""Ways to make one surprise of several."""

import numpy as np
import pytest

from ad_detectors.ensemble.combining import COMBINATIONS, counted, weights_by_agreement

SURPRISES = np.array([[0.0, 1.0, 4.0], [2.0, 1.0, 0.0]])
EQUAL = np.ones(2)


@pytest.mark.parametrize(
    ("way", "weights", "expected"),
    [
        ("average", [1.0, 9.0], [1.0, 1.0, 2.0]),
        ("maximum", [1.0, 9.0], [2.0, 1.0, 4.0]),
        ("rank", [1.0, 9.0], -np.log10([0.505, 0.1, 0.50005])),
        ("weighted", [3.0, 1.0], [0.5, 1.0, 3.0]),
    ],
)
def test_each_way_gives_what_its_formula_says(way, weights, expected) -> None:
    np.testing.assert_allclose(COMBINATIONS[way](SURPRISES, np.array(weights)), expected, rtol=1e-12)


@pytest.mark.parametrize("way", COMBINATIONS)
def test_members_that_agree_are_left_as_they_are(way) -> None:
    same = np.tile(np.linspace(0.0, 15.0, 7), (3, 1))
    np.testing.assert_allclose(COMBINATIONS[way](same, np.array([1.0, 2.0, 3.0])), same[0], rtol=1e-12)


def test_a_member_that_contradicts_the_others_weighs_least() -> None:
    generator = np.random.default_rng(2)
    truth = generator.normal(size=400)
    members = np.stack([truth + generator.normal(size=400) for _ in range(4)] + [-truth])
    weights = weights_by_agreement(members)
    assert (weights[:4] > 0.3).all()
    assert weights[4] == 0.01


def test_one_member_and_members_without_an_opinion_have_weights_too() -> None:
    assert weights_by_agreement(np.zeros((1, 4))).tolist() == [1.0]
    assert weights_by_agreement(np.zeros((2, 4))).tolist() == [0.01, 0.01]


@pytest.mark.parametrize("way", COMBINATIONS)
def test_a_surprise_counts_by_how_much_the_combination_would_grow_with_it(way) -> None:
    surprises, weights, step = np.array([[0.5, 1.5, 4.0], [2.0, 1.0, 0.25]]), np.array([3.0, 1.0]), 1e-6
    grown = np.empty_like(surprises)
    for member in range(2):
        more = surprises.copy()
        more[member] += step
        grown[member] = (
            COMBINATIONS[way](more, weights) - COMBINATIONS[way](surprises, weights)
        ) * surprises[member]
    found = counted(way, surprises, weights)
    np.testing.assert_allclose(found / found.sum(axis=0), grown / grown.sum(axis=0), rtol=1e-4, atol=1e-6)
