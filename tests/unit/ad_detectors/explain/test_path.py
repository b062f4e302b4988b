import numpy as np
import pytest

from ad_detectors.explain.path import path_contributions

EXPECTED = np.array([1.0, 2.0, 3.0])


def product(rows: np.ndarray) -> np.ndarray:
    return rows[:, 0] * rows[:, 1] + rows[:, 2] ** 2


def test_contributions_add_up_to_the_score_minus_that_of_the_expected_row() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 3)) * 5
    baseline, parts = path_contributions(product, rows, EXPECTED)
    assert baseline == 11.0
    np.testing.assert_allclose(baseline + parts.sum(axis=1), product(rows), rtol=1e-12)


def test_a_feature_at_its_expected_value_contributes_nothing() -> None:
    rows = np.array([[7.0, 2.0, 3.0]])
    assert path_contributions(product, rows, EXPECTED)[1].tolist() == [[12.0, 0.0, 0.0]]


def test_the_feature_that_alone_lowers_the_score_most_goes_first() -> None:
    rows = np.array([[5.0, 10.0, 3.0]])
    # Alone: first to 1 lowers 50 to 10, second to 2 lowers it to 10 as well; of equals the first one goes first.
    assert path_contributions(product, rows, EXPECTED)[1].tolist() == [[40.0, 8.0, 0.0]]


@pytest.mark.parametrize("split", [1, 3])
def test_explanations_do_not_depend_on_the_batch(split: int) -> None:
    rows = np.random.default_rng(1).normal(size=(9, 3))
    whole = path_contributions(product, rows, EXPECTED)[1]
    parts = [path_contributions(product, rows[at : at + split], EXPECTED)[1] for at in range(0, 9, split)]
    np.testing.assert_array_equal(np.vstack(parts), whole)


def test_the_input_is_not_changed() -> None:
    rows = np.ones((2, 3))
    path_contributions(product, rows, EXPECTED)
    assert (rows == 1.0).all()
