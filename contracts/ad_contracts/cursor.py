"""Cursors: where a list or a feed goes on, as one opaque word that a client gives back."""

import base64
import binascii
from typing import Any, TypeVar

import msgspec

from ad_contracts.errors import CursorError

Place = TypeVar("Place")
SHOWN = 40


def encode(place: Any) -> str:
    """A word of letters, digits, - and _."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def decode(word: str, place: type[Place]) -> Place:
    """The place of a word that `encode` made; `CursorError` for any other."""
    try:
        body = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        return msgspec.json.decode(body, type=place, strict=False)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise CursorError(
            f"the cursor {word[:SHOWN]!r} was not given out here; leave it out to start"
        ) from error
