"""The request that is being served, for logs and for the calls made on its behalf."""

import re
import secrets

from ad_chassis.served import SERVED, Caller, Served

REQUEST_ID_HEADER = "X-Request-ID"
VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


def current_request_id() -> str | None:
    served = SERVED.get()
    return served.request_id if served else None


def current_address() -> str | None:
    """Where the request comes from, as far as it is believed; None outside of one."""
    served = SERVED.get()
    return served.caller.address if served and served.caller else None


def countable_address() -> str | None:
    """An address to hold something against: not that of a proxy, behind which everybody is."""
    served = SERVED.get()
    return served.caller.address if served and served.caller and served.caller.resolved else None


class serving:  # noqa: N801 - used as the functions of contextlib are
    """Takes the caller's id where it is harmless in a log, else makes one."""

    __slots__ = ("_served", "_token")

    def __init__(self, given: str | None, caller: Caller | None = None, service: str | None = None) -> None:
        request_id = given if given and VALID_REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        self._served = Served(request_id, service, caller)

    def __enter__(self) -> Served:
        self._token = SERVED.set(self._served)
        return self._served

    def __exit__(self, *_: object) -> None:
        SERVED.reset(self._token)
