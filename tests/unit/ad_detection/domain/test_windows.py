"""Which windows hold an alert, and precision, recall and delay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_detection.domain.replays import Window
from ad_detection.domain.windows import Hits, Windows

window = st.builds(
    lambda start, length, entity: Window(start_ms=start, end_ms=start + length, entity=entity),
    st.integers(0, 50),
    st.integers(0, 30),
    st.sampled_from([None, "a", "b"]),
)


@given(st.lists(window, max_size=12), st.sampled_from([None, "a", "b", "c"]), st.integers(-5, 90))
def test_the_windows_that_hold_a_moment_are_those_that_a_look_at_each_finds(windows, entity, moment) -> None:
    expected = {
        place
        for place, each in enumerate(windows)
        if each.start_ms <= moment <= each.end_ms and each.entity in (entity, None)
    }
    found = list(Windows(windows).holding(entity, moment))
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_a_long_window_is_found_behind_short_ones_that_began_later() -> None:
    windows = [Window(start_ms=start, end_ms=end) for start, end in ((0, 100), (10, 12), (15, 20), (30, 90))]
    assert set(Windows(windows).holding(None, 25)) == {0}
    assert set(Windows(windows).holding(None, 100)) == {0}
    assert set(Windows(windows).holding(None, 11)) == {0, 1}


def test_precision_counts_alerts_and_recall_counts_windows() -> None:
    windows = [Window(start_ms=0, end_ms=10_000), Window(start_ms=20_000, end_ms=30_000, entity="a")]
    hits = Hits(Windows(windows))
    for entity, moment in [("b", 4_000), ("b", 2_000), ("b", 21_000), (None, 15_000)]:
        hits.add(entity, moment)
    found = hits.summary()
    assert (found["windows"], found["windows_found"]) == (2, 1)
    assert (found["precision"], found["recall"]) == (0.5, 0.5)
    assert found["f1"] == pytest.approx(0.5)
    assert found["seconds_to_detect_max"] == 2.0


def test_nothing_is_claimed_of_what_did_not_occur() -> None:
    found = Hits(Windows([Window(start_ms=0, end_ms=1)])).summary()
    assert (found["precision"], found["recall"], found["f1"]) == (None, 0.0, None)
    assert found["seconds_to_detect_median"] is None
