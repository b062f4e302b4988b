"""Rows that random forests call strange are found, whether they are far out or rare combinations."""

import numpy as np

from ad_detectors import catalog
from ad_detectors.ensemble.cleaning import least_strange, mid_ranks, standardised, strangeness

GENERATOR = np.random.default_rng(3)


def test_a_tight_group_of_anomalies_is_set_aside_as_a_whole() -> None:
    rows = np.vstack([GENERATOR.normal(size=(900, 3)), 6.0 + 0.01 * GENERATOR.normal(size=(60, 3))])
    kept = least_strange(strangeness(rows, seed=1)[1], 0.3)
    assert not kept[900:].any()
    assert kept[:900].mean() > 0.7


def test_the_seed_decides() -> None:
    rows = GENERATOR.normal(size=(300, 2))
    one, again, other = (strangeness(rows, seed)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_ranks_do_not_depend_on_the_units_and_equal_values_share_theirs() -> None:
    rows = GENERATOR.integers(0, 9, size=(50, 2)).astype(float)
    np.testing.assert_array_equal(mid_ranks(rows), mid_ranks(np.exp(rows)))
    slow = [
        [((column < value).sum() + 0.5 * (column == value).sum()) / 50 for value in column]
        for column in rows.T
    ]
    np.testing.assert_allclose(mid_ranks(rows), np.transpose(slow), rtol=1e-15)


def test_equal_rows_are_all_kept() -> None:
    rows = np.full((20, 2), 3.0)
    assert least_strange(strangeness(rows, seed=0)[1], 0.3).all()
    assert standardised(np.ones(4)).tolist() == [0.0] * 4


def test_the_share_that_is_asked_for_is_set_aside() -> None:
    kept = least_strange(np.arange(100.0), 0.3)
    assert kept.sum() == 70
    assert kept[:70].all()


def test_the_forest_that_is_returned_is_the_one_of_values() -> None:
    rows = GENERATOR.normal(size=(300, 2))
    forest, _ = strangeness(rows, seed=5)
    np.testing.assert_array_equal(
        forest.score(rows), catalog.create("isolation_forest", seed=5).fit(rows).score(rows)
    )
