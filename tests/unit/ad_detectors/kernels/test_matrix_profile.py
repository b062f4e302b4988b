"""The walk along the diagonals against every pair of windows."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.matrix_profile import keep_nearest, nearest_windows, point_distances
from tests.oracles.ad_detectors import matrix_profile as oracle


def found(series, others, window, count, shift, apart):
    rows, columns = np.asarray(series, np.float32), np.ascontiguousarray(np.asarray(others, np.float32).T)
    return nearest_windows(rows, columns, window, count, shift, apart).tolist()


@settings(max_examples=80, deadline=None)
@given(st.data(), st.integers(1, 5), st.integers(1, 3), st.integers(1, 4))
def test_the_nearest_windows_are_those_of_the_oracle(data, window, channels, count) -> None:
    # Small whole numbers are exact in single precision, so that ties are ties.
    point = st.lists(st.integers(-3, 3), min_size=channels, max_size=channels)
    series = data.draw(st.lists(point, min_size=window, max_size=window + 12))
    others = data.draw(st.lists(point, min_size=window, max_size=window + 12))
    expected = oracle.nearest_windows(series, others, window, count, 0, 0)
    assert found(series, others, window, count, 0, 0) == expected


@settings(max_examples=80, deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(1, 3), st.integers(1, 6), st.integers(-5, 5))
def test_windows_around_the_same_place_do_not_count(data, window, count, apart, shift) -> None:
    point = st.lists(st.integers(-3, 3), min_size=1, max_size=1)
    series = data.draw(st.lists(point, min_size=window, max_size=window + 12))
    others = data.draw(st.lists(point, min_size=window, max_size=window + 12))
    expected = oracle.nearest_windows(series, others, window, count, shift, apart)
    assert found(series, others, window, count, shift, apart) == expected


def test_real_numbers_find_windows_as_near_as_the_oracle() -> None:
    generator = np.random.default_rng(3)
    series, others = generator.normal(size=(40, 3)), generator.normal(size=(50, 3))
    expected = oracle.nearest_windows(series, others, 6, 2, 0, 0)
    for at, row in enumerate(found(series, others, 6, 2, 0, 0)):
        near, nearest = (
            [oracle.window_distance(series, others, at, place, 6) for place in places]
            for places in (row, expected[at])
        )
        np.testing.assert_allclose(near, nearest, rtol=1e-5)


def test_a_window_finds_itself_wherever_the_series_starts() -> None:
    others = np.random.default_rng(4).normal(size=(60, 2))
    for start in (0, 7, 31):
        assert found(others[start : start + 20], others, 5, 1, 0, 0) == [[start + k] for k in range(16)]


def test_distances_of_points_are_sums_of_squares() -> None:
    into = np.full(2, 9.0, np.float32)
    point_distances(np.array([1, 2], np.float32), np.array([[1, 4], [5, 2]], np.float32), into)
    assert into.tolist() == [9.0, 9.0]


def test_the_list_of_the_nearest_stays_ascending() -> None:
    distances, places = np.full(2, np.inf, np.float32), np.full(2, -1)
    keep_nearest(np.array([5, 3, 4, 3], np.float32), 0, 4, distances, places)
    assert distances.tolist() == [3.0, 3.0]
    assert places.tolist() == [1, 3]
