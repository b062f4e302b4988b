"""What of a request can be checked alone."""

from datetime import timedelta

import pytest

from ad_training.domain.requests import InvalidRequest, Limits, StreamSource, check_period, chosen_columns
from tests.support.training import NOW

LIMITS = Limits(60.0, 600.0, 256, 1024)


def test_all_numeric_columns_are_taken_unless_some_are_named() -> None:
    assert chosen_columns(None, ["a", "b"], "the data") == ("a", "b")
    assert chosen_columns(["b", "b"], ["a", "b"], "the data") == ("b",)


def test_an_unknown_column_is_answered_with_the_valid_ones() -> None:
    with pytest.raises(InvalidRequest, match=r"no numeric column 'c'; valid choices: a, b") as refused:
        chosen_columns(["a", "c"], ["a", "b"], "stream 'x'")
    assert refused.value.field == "columns"


def test_data_without_a_numeric_column_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="stream 'x' has no numeric column"):
        chosen_columns(None, [], "stream 'x'")


def test_a_period_does_not_end_before_it_begins() -> None:
    check_period(StreamSource("x", NOW, NOW + timedelta(seconds=1)))
    with pytest.raises(InvalidRequest, match="give a period"):
        check_period(StreamSource("x", NOW, NOW))


def test_limits_have_defaults_and_a_most() -> None:
    assert (LIMITS.time_for(None), LIMITS.time_for(90.0)) == (60.0, 90.0)
    assert (LIMITS.memory_for(None), LIMITS.memory_for(512)) == (256, 512)
    with pytest.raises(InvalidRequest, match="at most 600"):
        LIMITS.time_for(601.0)
    with pytest.raises(InvalidRequest, match="at most 1024"):
        LIMITS.memory_for(2048)


def test_a_source_is_kept_without_what_was_not_said() -> None:
    assert StreamSource("x", start=NOW, limit=5).as_document() == {
        "stream": "x",
        "from": "2026-01-01T00:00:00+00:00",
        "limit": 5,
    }
