"""How many light requests a service answers at once before they wait for each other, learnt from how long they take."""

import time
from collections.abc import Callable
from typing import NamedTuple

FEW, MOST = 2.0, 1000.0
FEW_AT_ONCE = 2
"""So many in hand, and fewer, tell how long a request takes that waits for no other."""
TIMES = 1.5
"""How much longer it may take in a crowd."""
LEARNT, LEARNT_OF_TWO = 1 / 32, 1 / 256
"""Two may wait for each other already; but where there are always two, a service that became slower must be noticed."""
STEP_DOWN = 0.5
SEEN_SECONDS = 2.0
STRANGERS = "strangers"


class Asked(NamedTuple):
    """A request in hand: how many there were with it, and since when."""

    crowd: int
    at: float


class Capacity:
    """Of one service. Grows while answers come as quickly in a crowd as they come to a few, and shrinks when not.

    Each tenant that asked within the last seconds has an equal share, one request at least. One alone has it all.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = FEW
        self._clock = clock
        self._usual: float | None = None
        self._in_hand = 0
        self._window = 0
        self._seen: set[str] = set()
        self._seen_before: set[str] = set()
        self._new = 0

    def began(self) -> Asked:
        self._in_hand += 1
        return Asked(self._in_hand, self._clock())

    def ended(self, asked: Asked, *, answered: bool) -> None:
        self._in_hand -= 1
        if answered:
            self._learn(asked.crowd, self._clock() - asked.at)

    def share(self, who: str, most: int) -> int:
        """How many requests of a tenant may be in hand here at once."""
        present = self._present(who)
        if present == 1 or self._usual is None:
            return most
        return max(1, min(most, int(self.limit / present)))

    def share_of_strangers(self, _address: str, most: int) -> int:
        """Those without a token count as one, however many addresses they have."""
        return self.share(STRANGERS, most)

    def _learn(self, crowd: int, seconds: float) -> None:
        quick = self._usual is None or seconds <= self._usual * TIMES
        if crowd <= FEW_AT_ONCE:
            # Towards the median: a mean would be that of the slowest few.
            before, step = self._usual or seconds, LEARNT if crowd == 1 else LEARNT_OF_TWO
            self._usual = before * (1 + step if seconds > before else 1 - step)
        elif not quick:
            self.limit = max(FEW, self.limit - STEP_DOWN)
        if quick and crowd * 2 >= self.limit:
            self.limit = min(MOST, self.limit + 1 / self.limit)

    def _present(self, who: str) -> int:
        """With this one, those of the window before and of this one."""
        window = int(self._clock() / SEEN_SECONDS)
        if window != self._window:
            self._seen_before = self._seen if window == self._window + 1 else set()
            self._window, self._seen, self._new = window, set(), 0
        if who not in self._seen:
            self._seen.add(who)
            self._new += who not in self._seen_before
        return len(self._seen_before) + self._new
