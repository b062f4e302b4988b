"""Where a client of the live feed stands, as one opaque word that it gives back to go on from there."""

from collections.abc import Mapping

from ad_contracts import cursor
from ad_contracts.errors import CursorError

Positions = Mapping[int, int]
"""Per partition, the next offset to show."""
MOST_PARTITIONS = 1_000


def encode(positions: Positions) -> str:
    return cursor.encode({str(partition): offset for partition, offset in sorted(positions.items())})


def decode(word: str) -> dict[int, int]:
    """Raises `CursorError` for a word that no feed gave out."""
    found = cursor.decode(word, dict[int, int])
    if any(number < 0 for pair in found.items() for number in pair):
        raise CursorError("a cursor holds no negative numbers")
    if len(found) > MOST_PARTITIONS:
        raise CursorError(f"a cursor holds no more than {MOST_PARTITIONS} partitions")
    return found


def reaches(positions: Positions, other: Positions) -> bool:
    """Whether nothing up to `other` is left to show."""
    return all(positions.get(partition, 0) >= offset for partition, offset in other.items())


def furthest(positions: Positions, other: Positions) -> dict[int, int]:
    """What has been shown up to either."""
    return dict(positions) | {
        partition: max(offset, positions.get(partition, 0)) for partition, offset in other.items()
    }
