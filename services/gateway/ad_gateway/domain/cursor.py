"""Where a client of the live feed stands, as one opaque word that it gives back to go on from there."""

import base64
import binascii
from collections.abc import Mapping

import msgspec

Positions = dict[int, int]
"""Per partition, the next offset to show."""


class CursorError(ValueError):
    """A cursor that this gateway did not give out."""


def encode(positions: Mapping[int, int]) -> str:
    body = msgspec.json.encode({str(partition): offset for partition, offset in sorted(positions.items())})
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def decode(cursor: str) -> Positions:
    try:
        body = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found = msgspec.json.decode(body, type=dict[int, int], strict=False)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise CursorError(f"the cursor {cursor[:40]!r} was not given out by this feed") from error
    if any(number < 0 for pair in found.items() for number in pair):
        raise CursorError("a cursor holds no negative numbers")
    return found
