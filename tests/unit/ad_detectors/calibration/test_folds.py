"""Training rows scored by models that did not see them."""

import numpy as np
import pytest

from ad_detectors.calibration.folds import unseen_by_folds


def novelty(known):
    """1 for what was not trained on, 0 for what was."""
    return lambda rows: (~np.isin(rows[:, 0], known[:, 0])).astype(np.float64)


@pytest.mark.parametrize("rows", [2, 3, 5, 6, 101])
def test_no_row_is_scored_by_a_model_that_saw_it(rows) -> None:
    assert unseen_by_folds(novelty, np.arange(float(rows)).reshape(-1, 1)).tolist() == [1.0] * rows


def test_a_single_row_is_scored_by_itself() -> None:
    assert unseen_by_folds(novelty, np.zeros((1, 1))).tolist() == [0.0]


def test_scores_stand_in_the_order_of_the_rows() -> None:
    matrix = np.arange(23.0).reshape(-1, 1)
    assert unseen_by_folds(lambda _: lambda rows: rows[:, 0], matrix).tolist() == matrix[:, 0].tolist()


def test_each_model_learns_from_the_other_folds_only() -> None:
    learnt = []
    unseen_by_folds(lambda known: learnt.append(known[:, 0]) or novelty(known), np.arange(10.0)[:, None])
    assert learnt[0].tolist() == [1, 2, 3, 4, 6, 7, 8, 9]
    assert [len(rows) for rows in learnt] == [8] * 5


def test_rows_that_hang_together_are_held_out_together() -> None:
    noise = np.random.default_rng(0).normal(size=(1003, 1))
    together = noise[:-3] + noise[1:-2] + noise[2:-1] + noise[3:]
    learnt = []
    unseen_by_folds(lambda known: learnt.append(known[:, 0]) or novelty(known), together)
    held = np.flatnonzero(~np.isin(together[:, 0], learnt[0]))
    assert held.tolist() == [row for row in range(1000) if row // 30 % 5 == 0]


def test_of_many_rows_an_even_part_is_scored() -> None:
    scores = unseen_by_folds(lambda _: lambda rows: rows[:, 0], np.arange(101.0)[:, None], most_rows=11)
    assert scores.tolist() == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
