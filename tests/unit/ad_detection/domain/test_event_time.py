"""How far the time of a stream has come."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ad_detection.domain.event_time import EventClock


def whole(*times: int) -> np.ndarray:
    return np.array(times, dtype=np.int64)


def test_a_row_meets_the_largest_time_of_the_rows_before_it() -> None:
    clock = EventClock(100)
    assert clock.before(whole(90, 120, 110, 130)).tolist() == [100, 100, 120, 120]


def test_the_first_row_of_a_stream_meets_its_own_time() -> None:
    assert EventClock().before(whole(-7, 3)).tolist() == [-7, -7]


@given(st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=30), st.integers(1, 30))
def test_the_clock_does_not_depend_on_how_rows_are_cut(times: list[int], size: int) -> None:
    whole_clock, cut_clock = EventClock(), EventClock()
    met = whole_clock.before(whole(*times)).tolist()
    whole_clock.advance(whole(*times))
    parts = []
    for start in range(0, len(times), size):
        part = whole(*times[start : start + size])
        parts += cut_clock.before(part).tolist()
        cut_clock.advance(part)
    assert parts == met == [max(times[: max(1, place)]) for place in range(len(times))]
    assert cut_clock == whole_clock == EventClock(max(times))
