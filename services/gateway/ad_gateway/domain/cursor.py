"""Where a client of the live feed stands, as one opaque word that it gives back to go on from there."""

from collections.abc import Mapping

from ad_contracts import cursor
from ad_contracts.errors import CursorError

Positions = dict[int, int]
"""Per partition, the next offset to show."""


def encode(positions: Mapping[int, int]) -> str:
    return cursor.encode({str(partition): offset for partition, offset in sorted(positions.items())})


def decode(word: str) -> Positions:
    """Raises `CursorError` for a word that no feed gave out."""
    found = cursor.decode(word, Positions)
    if any(number < 0 for pair in found.items() for number in pair):
        raise CursorError("a cursor holds no negative numbers")
    return found
