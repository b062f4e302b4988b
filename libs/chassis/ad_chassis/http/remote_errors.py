"""What another service's failure means here, and whether to try again."""

from collections.abc import Mapping
from typing import Any

import httpx2

from ad_chassis.errors import (
    ERROR_OF_STATUS,
    BadGateway,
    PlatformError,
    TooManyRequests,
    Unavailable,
    Unprocessable,
)

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
BUSY = frozenset({502, 503, 504})


class NotReached(Unavailable):
    """Nothing was sent, so that any call may be tried again."""


class Busy(Unavailable):
    """The service said that it cannot now, so that any call may be tried again."""


def may_retry(error: Exception, method: str, headers: Mapping[str, str]) -> bool:
    """A call that may have had its effect is repeated only where repeating does no harm."""
    if isinstance(error, NotReached | Busy):
        return True
    keyed = any(name.lower() == "idempotency-key" for name in headers)
    return isinstance(error, Unavailable) and (method in IDEMPOTENT or keyed)


def error_of(response: httpx2.Response, service: str, *, own_token: bool) -> PlatformError:
    """The error that a problem stands for. `own_token`: the caller's own token was sent along."""
    status = response.status_code
    problem = _problem(response)
    detail = str(problem.get("detail") or f"{service} answered {status}")
    if status in BUSY:
        return Busy(f"{service}: {detail}")
    if status in (401, 403) and not own_token:
        return BadGateway(f"{service} refused the token of this service: {detail}")
    if status == 429:
        return TooManyRequests(detail, retry_after_seconds=_seconds(response.headers.get("Retry-After")))
    known = ERROR_OF_STATUS.get(status)
    if known is Unprocessable:
        return Unprocessable(detail, errors=problem.get("errors") or ())
    if known is not None and status < 500:
        return known(detail)
    return BadGateway(f"{service} failed with status {status}: {detail}")


def _problem(response: httpx2.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _seconds(header: str | None) -> int:
    return int(header) if header and header.isdecimal() else 1
