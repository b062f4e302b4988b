"""The word by which a client goes on where it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_contracts.errors import CursorError
from ad_gateway.domain import cursor

NUMBER = st.integers(0, 2**62)


@given(st.dictionaries(NUMBER, NUMBER, max_size=20))
def test_a_cursor_gives_back_the_positions_it_was_made_of(positions: dict[int, int]) -> None:
    assert cursor.decode(cursor.encode(positions)) == positions


@pytest.mark.parametrize("word", ["", "nonsense", "e30x", "é", cursor.encode({0: 1})[:-3], "eyIwIjotMX0"])
def test_a_word_that_no_feed_gave_out_is_refused(word: str) -> None:
    with pytest.raises(CursorError):
        cursor.decode(word)


def test_a_cursor_of_more_partitions_than_any_topic_has_is_refused() -> None:
    with pytest.raises(CursorError, match="1000"):
        cursor.decode(cursor.encode(dict.fromkeys(range(1001), 1)))


@given(
    st.dictionaries(st.integers(0, 3), st.integers(0, 3)),
    st.dictionaries(st.integers(0, 3), st.integers(0, 3)),
)
def test_the_furthest_of_two_places_reaches_both_and_nothing_more(
    one: dict[int, int], other: dict[int, int]
) -> None:
    both = cursor.furthest(one, other)
    assert cursor.reaches(both, one)
    assert cursor.reaches(both, other)
    assert set(both.items()) <= set(one.items()) | set(other.items())
