"""A row of the matrix: a call that succeeds for the one who may, and what others get for the same."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.support.matrix.world import VICTIM, World

GOOD = frozenset({200, 201, 202, 204})
Fate = Literal["hidden", "apart", "refused", "shared"]
"""hidden: 404, as if it did not exist. apart: answered, without a word of what is not theirs. refused: 403.
shared: answered, because it belongs to no stream."""


@dataclass(frozen=True)
class Call:
    """What fills the parameters of the path, and the rest of the request."""

    names: Mapping[str, Any]
    body: Any = None
    query: Mapping[str, Any] | None = None
    content: bytes | None = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    token: str | None = None
    """Of the one who may, where it is neither the administrator nor the services."""


Make = Callable[[World], Awaitable[Call]]


@dataclass(frozen=True)
class Row:
    make: Make
    foreign: Fate
    """To the administrator of another tenant."""
    bound: Fate
    """To an administrator who is bound to another stream."""
    by: Literal["administrator", "services", "anybody"] = "administrator"
    unseen: str | None = None
    """What tells of the victim, where its name alone does not: what one tried oneself stands in one's own log."""
    good: frozenset[int] = GOOD
    """What the one who may gets."""


def entitled(world: World, row: Row, call: Call) -> str:
    """The token of the one who may."""
    return call.token or (world.services_token if row.by == "services" else world.tokens[VICTIM])
