"""Limits of rates: a window that slides, counted here, with what other processes counted mixed in."""

import math
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ad_chassis.networks import network_of

WINDOW_SECONDS = 10
MOST_KEYS = 100_000
TOLD_PART = 20
"""After a twentieth of its limit a process tells the others: so much is each of them behind at most."""


class Caller(NamedTuple):
    """For whom a request is counted."""

    tenant: str
    kind: str
    subject: str


class Verdict(NamedTuple):
    """Whether a request may pass, and what is left to its sender."""

    quota: str
    limit: int
    allowed: bool
    remaining: int
    reset_seconds: int


class Untold(NamedTuple):
    """What was let through here and no other process knows of."""

    key: str
    window: int
    requests: int


class Limiter:
    """One quota for many keys. What is refused is not counted, so that a flood still gets its limit through.

    The window slides: of the one before, as much counts as still overlaps. Memory is two windows of keys; when there
    are more than `MOST_KEYS`, counting starts anew.
    """

    def __init__(self, quota: str, per_second: float, clock: Callable[[], float] = time.time) -> None:
        self.quota = quota
        self.limit = max(1, round(per_second * WINDOW_SECONDS))
        self._step = max(1, self.limit // TOLD_PART)
        self._clock = clock
        self._window = 0
        self._counts: dict[str, int] = {}
        self._before: dict[str, int] = {}
        self._untold: dict[str, int] = {}

    @property
    def policy(self) -> str:
        """An item of the field RateLimit-Policy."""
        return f'"{self.quota}";q={self.limit};w={WINDOW_SECONDS}'

    def take(self, key: str) -> Verdict:
        """Counts a request of this key, unless it is one too many."""
        elapsed = self._roll()
        count, before = self._counts.get(key, 0), self._before.get(key, 0)
        used = count + before * (1 - elapsed / WINDOW_SECONDS)
        if used + 1 > self.limit:
            return Verdict(self.quota, self.limit, False, 0, self._wait(count, before, elapsed))
        self._counts[key] = count + 1
        self._untold[key] = self._untold.get(key, 0) + 1
        left = int(self.limit - used - 1)
        return Verdict(self.quota, self.limit, True, left, math.ceil(WINDOW_SECONDS - elapsed))

    def untold(self) -> Iterator[Untold]:
        """Of each key that has something to tell; to be counted elsewhere, and then `told` here."""
        self._roll()
        for key, count in list(self._untold.items()):
            if count >= self._step:
                yield Untold(key, self._window, count)

    def told(self, what: Untold, total: int) -> None:
        """The total of all processes, after ours was added."""
        self._roll()
        if what.window == self._window:
            left = self._untold.get(what.key, 0) - what.requests
            self._untold[what.key] = left
            self._counts[what.key] = max(total + left, self._counts.get(what.key, 0))

    def _roll(self) -> float:
        """Seconds since the window began; the first call in a new one forgets the window before the last."""
        window, elapsed = divmod(self._clock(), WINDOW_SECONDS)
        if window != self._window or len(self._counts) > MOST_KEYS:
            self._before = self._counts if window == self._window + 1 else {}
            self._window, self._counts, self._untold = int(window), {}, {}
        return elapsed

    def _wait(self, count: int, before: int, elapsed: float) -> int:
        """Seconds until one more fits: within this window when it does without the one before, else in the next."""
        room = self.limit - 1 - count
        if room >= 0:
            seconds = WINDOW_SECONDS * (1 - room / before) - elapsed
        else:
            seconds = WINDOW_SECONDS - elapsed + WINDOW_SECONDS * (1 - (self.limit - 1) / count)
        return max(1, math.ceil(seconds))


class RateLimits:
    """The quotas of the gateway. The address counts before anybody knows who calls."""

    def __init__(
        self,
        address: Limiter,
        caller: Limiter,
        tenant: Limiter,
        refused: Callable[[str], None] = lambda _limit: None,
    ) -> None:
        self._refused = refused
        self.address = address
        self.caller = caller
        self.tenant = tenant
        self.policy = ", ".join(limiter.policy for limiter in self.all)

    @property
    def all(self) -> tuple[Limiter, ...]:
        return (self.address, self.caller, self.tenant)

    def of_address(self, host: str) -> Verdict:
        """Who has an IPv6 address has the 2⁶⁴ of its network, so these count as one."""
        return self._told(self.address.take(network_of(host)))

    def of_caller(self, caller: Caller) -> list[Verdict]:
        """Of the user or key and of its tenant; the second is not asked when the first says no."""
        first = self._told(self.caller.take(f"{caller.tenant}/{caller.kind}/{caller.subject}"))
        return [first, self._told(self.tenant.take(caller.tenant))] if first.allowed else [first]

    def _told(self, verdict: Verdict) -> Verdict:
        if not verdict.allowed:
            self._refused(verdict.quota)
        return verdict


def tightest(verdicts: list[Verdict]) -> Verdict:
    """The one that ends first: of which the smallest part is left."""
    return min(verdicts, key=lambda verdict: verdict.remaining / verdict.limit)
