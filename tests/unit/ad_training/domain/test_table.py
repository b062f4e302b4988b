"""Rows of a request as numbers."""

import pytest

from ad_training.domain.requests import InvalidRequest
from ad_training.domain.table import MINIMUM_ROWS, table_of, too_few

MORE = [{}] * MINIMUM_ROWS


def test_numbers_and_booleans_are_columns_and_gaps_are_missing() -> None:
    table = table_of(
        [{"a": 1, "b": True, "note": "x"}, {"a": None, "b": False}, {"b": True, "c": 2.5}, *MORE]
    )
    assert table.columns == ["a", "b", "c"]
    assert table.rows()[:3] == [(1.0, 1.0, None), (None, 0.0, None), (None, 1.0, 2.5)]


def test_columns_of_text_are_left_out_unless_wanted() -> None:
    rows = [{"a": 1, "note": "x"}, *MORE]
    assert table_of(rows).columns == ["a"]
    with pytest.raises(InvalidRequest, match="no numeric column 'note'; valid choices: a"):
        table_of(rows, ["note"])


def test_a_text_among_numbers_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidRequest, match="'high' is not a number") as refused:
        table_of([{"a": 1}, {"a": "high"}])
    assert refused.value.field == "source.data.1.a"


def test_a_number_beyond_float_counts_as_infinite() -> None:
    table = table_of([{"a": 10**400}, {"a": -(10**400)}, *MORE])
    assert table["a"].to_list()[:2] == [float("inf"), float("-inf")]


def test_rows_without_any_number_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="no numeric column"):
        table_of([{"note": "x"}, {}])
    with pytest.raises(InvalidRequest, match="empty"):
        table_of([])


def test_fewer_rows_than_the_minimum_are_refused_with_their_number() -> None:
    assert table_of([{"a": 1}] * MINIMUM_ROWS).height == MINIMUM_ROWS
    with pytest.raises(InvalidRequest, match=r"9 rows cannot say what is normal.*at least 10") as refused:
        table_of([{"a": 1}] * (MINIMUM_ROWS - 1))
    assert refused.value.field == "source.data"
    assert (too_few(1) or "").startswith("1 row cannot")
    assert too_few(MINIMUM_ROWS) is None
