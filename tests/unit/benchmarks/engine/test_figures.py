"""Figures are judged and shown."""

import math

import pytest

from benchmarks.engine.figures import at_least, at_most, beside, lines, number, percentile, row


def test_a_rate_must_be_reached_and_a_time_must_not_be_exceeded() -> None:
    assert at_least("rate", 100, "/s", 100).ok
    assert not at_least("rate", 99, "/s", 100).ok
    assert at_most("time", 30, "ms", 30).ok
    assert not at_most("time", 31, "ms", 30).ok


def test_what_must_reach_nothing_is_never_missed() -> None:
    assert at_least("rate", 0, "/s").ok
    assert at_most("time", math.inf, "ms").ok


def test_a_ratio_to_the_peer_is_judged_too() -> None:
    fast = at_least("rate", 1000, "/s", 900)
    assert beside(fast, 10, 100).ok
    assert not beside(fast, 10, 101).ok
    assert not beside(at_least("rate", 1000, "/s", 1001), 10, 100).ok


def test_without_the_peer_a_ratio_is_said_not_to_be_measured() -> None:
    alone = beside(at_least("rate", 1000, "/s", 900), None, 800)
    assert alone.ok
    assert "not measured" in row(alone)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_the_value_of_the_nearest_rank(share: float, expected: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == expected


def test_a_percentile_reaches_what_never_came() -> None:
    late = [1.0] * 98 + [math.inf] * 2
    assert percentile(late, 0.5) == 1.0
    assert percentile(late, 0.99) == math.inf
    assert math.isnan(percentile([], 0.5))


def test_a_table_has_names_to_the_left_and_figures_to_the_right() -> None:
    assert lines(("what", "n", "why"), [("a", "10", "x"), ("long", "5", "")]) == [
        "what   n  why",
        "a     10  x",
        "long   5",
    ]


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (math.nan, "-"), (1234.5, "1,234"), (0.01234, "0.0123"), (12.0, "12")]
)
def test_a_number_has_three_digits_at_least(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_a_missed_figure_is_marked() -> None:
    assert "MISSED" in row(at_least("rate", 1, "/s", 2))
    assert "ok" in row(at_least("rate", 2, "/s", 2))
    assert {"ok", "MISSED"}.isdisjoint(row(at_least("rate", 1, "/s")))
