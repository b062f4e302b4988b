"""Adds up how challengers do, and writes it down by the hour."""

from collections.abc import Callable, Mapping
from functools import partial

from ad_detection.domain.comparison import Counts, HourlyCounts, Pair, hour_of
from ad_detection.domain.control import StreamKey
from ad_detection.ports import ComparisonStore
from ad_detection.usecases.drop_gone import GoneStreams

KEPT_MS = 90 * 86_400_000


class ComparisonKeeper:
    """The counts of one worker: statistics, so what was not written when the process dies is missing.

    A worker writes the whole of its hour each time, so that a write may be repeated.
    """

    def __init__(self, store: ComparisonStore, worker: str, clock_ms: Callable[[], int]) -> None:
        self._store = store
        self._worker = worker
        self._clock_ms = clock_ms
        self._hours: dict[tuple[Pair, int], Counts] = {}
        self._changed: set[tuple[Pair, int]] = set()
        self._gone = GoneStreams()

    def add(self, comparisons: Mapping[Pair, Counts]) -> None:
        hour_ms = hour_of(self._clock_ms())
        for pair, counts in comparisons.items():
            key = (pair, hour_ms)
            self._hours.setdefault(key, Counts()).add(counts)
            self._changed.add(key)

    def gone(self, stream: StreamKey) -> None:
        """It was deleted or erased; another of its name begins anew."""
        counted = [key for key in self._hours if key[0][:2] == stream]
        for key in counted:
            del self._hours[key]
            self._changed.discard(key)
        if counted:
            self._gone.add(stream)

    async def write(self) -> None:
        """What was added since the last time; when it fails, the next call writes it."""
        await self._gone.drop(partial(self._store.drop, self._worker))
        changed = sorted(self._changed)
        if not changed:
            return
        self._changed -= set(changed)
        try:
            await self._store.save(self._worker, [HourlyCounts(*key, self._hours[key]) for key in changed])
        except BaseException:
            self._changed |= set(changed) & self._hours.keys()
            raise
        await self._forget()

    async def _forget(self) -> None:
        """Hours that are over are not needed here any more, and those of long ago nowhere."""
        now = self._clock_ms()
        over = [key for key in self._hours if key[1] < hour_of(now) and key not in self._changed]
        for key in over:
            del self._hours[key]
        if over:
            await self._store.forget(now - KEPT_MS)
