"""What a call does, step by step, as values: whoever drives the steps does the I/O, in threads or in tasks.

No text of them shows a token, or what is sent.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Pieces = Callable[[], Iterator[bytes]]
"""A body that can be read again when it has to be sent again."""


@dataclass(frozen=True)
class Request:
    """A call of the REST interface; the answer to it is a success, whatever has to be tried for it."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = field(default=None, repr=False)
    content: bytes | Pieces | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    safe: bool = True
    """Sent twice, it does no more than sent once."""
    opened: bool = False
    """The body of the answer is fetched by `Read`, piece by piece."""


@dataclass(frozen=True)
class Send:
    """One try of a request."""

    request: Request
    token: str = field(repr=False)


@dataclass(frozen=True)
class Read:
    """The next piece of the opened body; None at its end."""


@dataclass(frozen=True)
class Wait:
    seconds: float


@dataclass(frozen=True)
class Work:
    """A function that may block."""

    function: Callable[[], Any]


@dataclass(frozen=True)
class Connect:
    """A WebSocket instead of the one before."""

    address: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Hear:
    """The next text of the WebSocket."""


@dataclass(frozen=True)
class Say:
    text: str = field(repr=False)


@dataclass(frozen=True)
class Found(Generic[T]):
    """One of many, for whoever asked."""

    item: T


Effect = Request | Send | Read | Wait | Work | Connect | Hear | Say
Steps = Generator[Effect, Any, T]
"""Ends with what was asked for."""
Items = Generator[Effect | Found[T], Any, None]
"""Finds one after another."""
