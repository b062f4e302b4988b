"""What is left out of a long series cannot be seen."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anomaly_detection.thinning import MOST_STEPS, kept_points, outline

SERIES = arrays(np.float64, st.integers(1, 300), elements=st.floats(-1e6, 1e6) | st.just(np.nan))


@given(values=SERIES, most=st.sampled_from([2, 10, 64]))
def test_the_lowest_and_highest_values_stay_and_no_more_than_asked(values, most) -> None:
    kept = kept_points(values, most)
    assert len(kept) <= max(most, 1)
    assert (np.diff(kept) > 0).all()
    if not np.isnan(values).all():
        assert np.nanmax(values[kept]) == np.nanmax(values)
        assert np.nanmin(values[kept]) == np.nanmin(values)


def test_every_stretch_keeps_its_own_peak() -> None:
    values = np.zeros(10_000)
    values[[100, 5_000, 9_999]] = [1.0, -2.0, 3.0]
    assert {100, 5_000, 9_999} <= set(kept_points(values, 100).tolist())


def test_a_short_series_is_drawn_whole() -> None:
    assert kept_points(np.ones(5), 10).tolist() == [0, 1, 2, 3, 4]


def test_few_bounds_are_left_alone() -> None:
    rows, values = np.arange(600), np.arange(600.0)
    assert [part.tolist() for part in outline(rows, values, values, values)] == [values.tolist()] * 4


def test_steps_are_the_widest_bounds_and_the_middle_of_what_was_expected() -> None:
    random = np.random.default_rng(2)
    rows, expected = np.sort(random.choice(50_000, 5_000, replace=False)), random.normal(size=5_000)
    lower, upper = expected - random.random(5_000), expected + random.random(5_000)
    lower[7] = upper[11] = expected[:40] = np.nan
    at, low, high, middle = outline(rows, lower, upper, expected)
    assert (at[0], at[-1], len(at)) == (rows[0], rows[-1], MOST_STEPS + 1)
    for step, (first, after) in enumerate(itertools.pairwise(np.searchsorted(rows, at))):
        part = slice(first, after + (step == MOST_STEPS - 1))
        assert low[step] == np.nanmin(lower[part])
        assert high[step] == np.nanmax(upper[part])
        assert np.isnan(middle[step]) if step < 2 else middle[step] == np.nanmedian(expected[part])
