"""A circuit breaker: who fails again and again is left alone for a while, then asked once."""

import time
from collections.abc import Callable

FAILURES = 5
REST_SECONDS = 5.0
TRIAL_SECONDS = 30.0


class Breaker:
    """Closed until `failures` in a row, then open for `rest_seconds`, then half-open: one call, which decides."""

    def __init__(
        self,
        failures: int = FAILURES,
        rest_seconds: float = REST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._failed = 0
        self._asked_again_at = 0.0

    @property
    def open(self) -> bool:
        return self._failed >= self._limit

    def wait_seconds(self) -> float:
        """0 for a call that may be made; then tell how it ended. While it is half-open, others wait."""
        if not self.open:
            return 0.0
        waiting = self._asked_again_at - self._clock()
        if waiting > 0:
            return waiting
        # A trial that never ends must not close the way for ever.
        self._asked_again_at = self._clock() + TRIAL_SECONDS
        return 0.0

    def succeeded(self) -> None:
        self._failed = 0

    def failed(self) -> None:
        self._failed += 1
        self._asked_again_at = self._clock() + self._rest_seconds

    def abandoned(self) -> None:
        """The caller left before the end, which tells nothing: the next one may ask."""
        self._asked_again_at = self._clock()
