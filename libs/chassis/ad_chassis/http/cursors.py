"""Cursors of lists: a wrong one is the caller's to mend."""

from typing import TypeVar

from ad_chassis.errors import BadRequest
from ad_contracts import cursor
from ad_contracts.errors import CursorError

Place = TypeVar("Place")


def place_of(word: str, place: type[Place]) -> Place:
    """The place that a cursor stands for; `BadRequest` when it was not given out by us."""
    try:
        return cursor.decode(word, place)
    except CursorError as error:
        raise BadRequest(str(error)) from error
