"""The request that is being served, for logs and for the calls made on its behalf."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

REQUEST_ID_HEADER = "X-Request-ID"
VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_address: ContextVar[str | None] = ContextVar("address", default=None)


def current_request_id() -> str | None:
    return _request_id.get()


def current_address() -> str | None:
    """Where the request comes from, as the edge resolved it; None outside of one."""
    return _address.get()


@contextmanager
def serving(given: str | None, address: str | None = None) -> Iterator[str]:
    """Takes the caller's id where it is harmless in a log, else makes one."""
    request_id = given if given and VALID_REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
    token, place = _request_id.set(request_id), _address.set(address)
    try:
        yield request_id
    finally:
        _request_id.reset(token)
        _address.reset(place)
