"""What is left out of a long series cannot be seen."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anomaly_detection.thinning import kept_points

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
