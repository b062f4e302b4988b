"""The distance to the nearest different rows that may stand for normal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_detectors.ensemble.surroundings import NEIGHBORS, Surroundings, Units
from ad_detectors.errors import DataError

GENERATOR = np.random.default_rng(5)
ALL = np.ones(200, np.bool_)


def slow_distances(surroundings: Surroundings, rows: np.ndarray) -> list[float]:
    """The mean distance to the nearest points, one by one, without those that equal the row."""
    points, found = surroundings.tree.points, []
    for row in surroundings.units.measured(rows):
        apart = sorted(float(np.sqrt(((row - point) ** 2).sum())) for point in points)
        others = apart[1:] if apart[0] == 0.0 else apart
        found.append(float(np.mean(others[: min(NEIGHBORS, len(points) - 1)])))
    return found


@given(
    rows=st.integers(2, 40),
    features=st.integers(1, 4),
    levels=st.sampled_from([2, 5, 1000]),
    curved=st.booleans(),
    seed=st.integers(0, 99),
)
def test_distances_are_those_that_a_slow_search_finds(rows, features, levels, curved, seed) -> None:
    generator = np.random.default_rng(seed)
    table = generator.integers(0, levels, size=(rows, features)).astype(float)
    surroundings = Surroundings.of(table, np.ones(rows, np.bool_), curved=curved)
    unseen = np.vstack([table, generator.integers(0, levels, size=(5, features)).astype(float)])
    if len(surroundings.tree.points) > 1:
        found = surroundings.distances(unseen)
        np.testing.assert_allclose(found, slow_distances(surroundings, unseen), rtol=1e-9, atol=1e-12)


def test_copies_of_a_row_say_nothing_about_it() -> None:
    rows = GENERATOR.normal(size=(200, 3))
    once = Surroundings.of(rows, ALL, curved=False)
    repeated = np.vstack([rows, np.repeat(rows[:1], 50, axis=0)])
    often = Surroundings(once.units, Surroundings.of(repeated, np.ones(250, np.bool_), curved=False).tree)
    assert len(often.tree.points) == len(once.tree.points) == 200
    assert once.distances(rows[:1])[0] > 0.0


def test_only_kept_rows_are_neighbours() -> None:
    rows = np.vstack([GENERATOR.normal(size=(170, 2)), 9.0 + 0.01 * GENERATOR.normal(size=(30, 2))])
    kept = np.arange(200) < 170
    group = rows[180:181]
    assert Surroundings.of(rows, kept, curved=False).distances(group)[0] > 5.0
    assert Surroundings.of(rows, ALL, curved=False).distances(group)[0] < 0.1


def test_far_values_are_drawn_in_when_curved() -> None:
    rows = GENERATOR.normal(size=(200, 2))
    straight, curved = (Surroundings.of(rows, ALL, curved=curved) for curved in (False, True))
    near, far = [[4.0, 0.0]], [[400.0, 0.0]]
    assert straight.distances(np.array(far))[0] > 50.0 * straight.distances(np.array(near))[0]
    assert curved.distances(np.array(far))[0] < 20.0 * curved.distances(np.array(near))[0]


def test_units_are_the_spread_of_the_middle_half_or_else_of_the_whole() -> None:
    normal = GENERATOR.normal(5.0, 2.0, size=100_000)
    mostly_zero = np.where(np.arange(100_000) % 10 == 0, 3.0, 0.0)
    units = Units.of(np.column_stack([normal, mostly_zero, np.full(100_000, 7.0)]), curved=False)
    np.testing.assert_allclose(units.center, [5.0, 0.0, 7.0], atol=0.03)
    np.testing.assert_allclose(units.scale, [2.0, 0.9, 1.0], rtol=0.02)


def test_a_single_kept_row_is_enough() -> None:
    surroundings = Surroundings.of(np.array([[1.0]]), np.ones(1, np.bool_), curved=False)
    assert surroundings.distances(np.array([[1.0], [4.0]])).tolist() == [0.0, 3.0]


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("points", np.zeros((0, 2))),
        ("points", np.array([[np.nan, 0.0]])),
        ("points", np.array([[1e101, 0.0]])),
        ("center", np.array([np.inf, 0.0])),
        ("scale", np.zeros(2)),
        ("scale", np.ones(3)),
    ],
)
def test_damaged_arrays_are_refused_by_name(name, array) -> None:
    rows = GENERATOR.normal(size=(20, 2))
    arrays = Surroundings.of(rows, np.ones(20, np.bool_), curved=True).to_arrays()
    with pytest.raises(DataError, match=f"'{name}'"):
        Surroundings.from_arrays({**arrays, name: array}, 2, curved=True)


@pytest.mark.parametrize("count", [1, 6, 7, 8, 50])
def test_how_many_rows_are_looked_up_at_once_changes_no_bit(count, monkeypatch) -> None:
    found = Surroundings.of(GENERATOR.normal(size=(200, 3)), ALL, curved=True)
    rows = GENERATOR.normal(size=(count, 3))
    together = found.distances(rows)
    monkeypatch.setattr("ad_detectors.ensemble.surroundings.AT_ONCE", 7)
    np.testing.assert_array_equal(found.distances(rows), together)
