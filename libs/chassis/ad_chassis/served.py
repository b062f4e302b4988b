"""Which request a task serves, and which service serves it: for what is logged and sent on its behalf."""

from contextvars import ContextVar
from typing import NamedTuple


class Caller(NamedTuple):
    """Where a request comes from; `resolved` unless it is the address of a proxy that is not believed."""

    address: str
    resolved: bool = True


class Served(NamedTuple):
    """One value for all that is known of it, since each one more that a context holds costs every request."""

    request_id: str
    service: str | None = None
    caller: Caller | None = None


SERVED: ContextVar[Served | None] = ContextVar("served", default=None)
