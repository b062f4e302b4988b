"""Cursors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_contracts import cursor
from ad_contracts.errors import CursorError


@given(st.tuples(st.integers(0, 2**62), st.text(max_size=40)))
def test_a_cursor_gives_back_its_place_and_stands_in_an_address_as_it_is(place: tuple[int, str]) -> None:
    word = cursor.encode(place)
    assert cursor.decode(word, tuple[int, str]) == place
    assert word.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("word", ["", "x", "é", "W10", cursor.encode([1, "a", 3]), cursor.encode({"a": 1})])
def test_any_other_word_is_refused(word: str) -> None:
    with pytest.raises(CursorError, match="was not given out here"):
        cursor.decode(word, tuple[int, str])
