"""Whose token a request carries, remembered for a minute: for counting, never for a right."""

import time
from collections import OrderedDict
from collections.abc import Callable

import structlog

from ad_chassis.security import TokenVerifier
from ad_gateway.domain.limits import Caller

KEPT = 10_000
KEPT_SECONDS = 60.0
log = structlog.get_logger(__name__)


class VerifiedCallers:
    """Claims count only when their signature is good, or a forged token would use up another's limit."""

    def __init__(self, verifier: TokenVerifier, clock: Callable[[], float] = time.monotonic) -> None:
        self._verifier = verifier
        self._clock = clock
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    async def caller(self, token: str) -> Caller | None:
        known = self._known.get(token)
        if known is not None and self._clock() < known[1]:
            return known[0]
        try:
            principal = await self._verifier.verify(token)
        except Exception as error:  # noqa: BLE001 - the service says what is wrong with it; here it is nobody's
            log.debug("a token of nobody known", reason=repr(error))
            return None
        caller = Caller(principal.tenant, principal.kind, principal.subject)
        self._known[token] = caller, self._clock() + KEPT_SECONDS
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return caller
