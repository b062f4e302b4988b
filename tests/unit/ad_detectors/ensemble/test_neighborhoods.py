"""Distances in two scales, made comparable."""

import numpy as np

from ad_detectors.ensemble.neighborhoods import Neighborhoods

GENERATOR = np.random.default_rng(6)
ROWS = GENERATOR.normal(size=(500, 3))
KEPT = np.linalg.norm(ROWS, axis=1) < 2.0


def test_training_rows_are_as_probable_as_their_ranks() -> None:
    neighborhoods, surprises = Neighborhoods.of(ROWS, KEPT)
    probability = neighborhoods.together.probability(surprises)
    ranks = np.argsort(np.argsort(-surprises)) / len(ROWS)
    np.testing.assert_allclose(probability, ranks, atol=0.02)
    np.testing.assert_array_equal(neighborhoods.probability(ROWS), probability)


def test_farther_rows_are_less_probable() -> None:
    neighborhoods, _ = Neighborhoods.of(ROWS, KEPT)
    line = neighborhoods.probability(np.linspace([0.0, 0.0, 0.0], [40.0, 0.0, 0.0], 30))
    assert (np.diff(line) < 0.0).mean() > 0.9
    assert line[-1] < 1e-3


def test_the_arrays_bring_back_every_bit() -> None:
    neighborhoods, _ = Neighborhoods.of(ROWS, KEPT)
    again = Neighborhoods.from_arrays(neighborhoods.to_arrays(), 3)
    unseen = 3.0 * GENERATOR.normal(size=(100, 3))
    np.testing.assert_array_equal(again.probability(unseen), neighborhoods.probability(unseen))
