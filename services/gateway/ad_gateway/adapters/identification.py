"""Whose token a request carries, remembered for a minute: for counting, never for a right."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

import structlog

from ad_chassis.errors import PlatformError
from ad_chassis.security import TokenVerifier
from ad_gateway.domain.limits import Caller

MOST_KEPT = 10_000
KEPT_SECONDS = 60.0
UNKNOWN_SECONDS = 5.0
Kept = TypeVar("Kept")
log = structlog.get_logger(__name__)


class VerifiedCallers:
    """Claims count only when their signature is good, or a forged token would use up another's limit."""

    def __init__(self, verifier: TokenVerifier, clock: Callable[[], float] = time.monotonic) -> None:
        self._verifier = verifier
        self._clock = clock
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()
        self._unknown: OrderedDict[str, float] = OrderedDict()

    async def caller(self, token: str) -> Caller | None:
        now = self._clock()
        if (known := self._known.get(token)) is not None and now < known[1]:
            return known[0]
        if now < self._unknown.get(token, 0.0):
            return None
        try:
            principal = await self._verifier.verify(token)
        except (PlatformError, ValueError) as error:
            # The service says what is wrong with it; here it is nobody's.
            log.debug("a token of nobody known", reason=repr(error))
            # Apart from the known ones, so that a flood of bad tokens drives out none of them.
            _keep(self._unknown, token, now + UNKNOWN_SECONDS)
            return None
        caller = Caller(principal.tenant, principal.kind, principal.subject)
        _keep(self._known, token, (caller, now + KEPT_SECONDS))
        return caller


def _keep(place: OrderedDict[str, Kept], token: str, what: Kept) -> None:
    place[token] = what
    if len(place) > MOST_KEPT:
        place.popitem(last=False)
