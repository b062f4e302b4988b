"""The request that is being served, for logs and for the calls made on its behalf."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

REQUEST_ID_HEADER = "X-Request-ID"
VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_caller: ContextVar["Caller | None"] = ContextVar("caller", default=None)


class Caller(NamedTuple):
    """Where a request comes from; `resolved` unless it is the address of a proxy that is not believed."""

    address: str
    resolved: bool = True


def current_request_id() -> str | None:
    return _request_id.get()


def current_address() -> str | None:
    """Where the request comes from, as far as it is believed; None outside of one."""
    caller = _caller.get()
    return caller.address if caller else None


def countable_address() -> str | None:
    """An address to hold something against: not that of a proxy, behind which everybody is."""
    caller = _caller.get()
    return caller.address if caller and caller.resolved else None


@contextmanager
def serving(given: str | None, caller: Caller | None = None) -> Iterator[str]:
    """Takes the caller's id where it is harmless in a log, else makes one."""
    request_id = given if given and VALID_REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
    token, place = _request_id.set(request_id), _caller.set(caller)
    try:
        yield request_id
    finally:
        _request_id.reset(token)
        _caller.reset(place)
