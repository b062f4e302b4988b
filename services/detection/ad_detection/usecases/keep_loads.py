"""Adds up how busy partitions are, and writes down what changed."""

from collections.abc import Callable, Iterable, Mapping

from ad_detection.domain.control import StreamKey
from ad_detection.domain.load import BatchLoad, Load, ToldLoad
from ad_detection.ports import LoadStore

KEPT_MS = 86_400_000
MOST_WRITTEN = 500
"""At a time, the ones that wait longest first: ten thousand streams must not keep a database busy."""
Key = tuple[str, str, int]
"""Tenant, stream and partition."""


class LoadKeeper:
    """The loads of one worker: statistics, which begin anew when a partition changes hands."""

    def __init__(self, store: LoadStore, worker: str, clock_ms: Callable[[], int]) -> None:
        self._store = store
        self._worker = worker
        self._clock_ms = clock_ms
        self._loads: dict[Key, Load] = {}
        self._changed: dict[Key, None] = {}
        self._forgot_ms = clock_ms()

    def add(
        self,
        tenant: str,
        partition: int,
        batch: Mapping[str, BatchLoad],
        entities_of: Callable[[str], int | None],
    ) -> None:
        """What a batch brought, by stream; and how many entities of a stream are known there."""
        for stream, brought in batch.items():
            key = (tenant, stream, partition)
            if key not in self._loads:
                now_ms = self._clock_ms()
                self._loads[key] = Load(now_ms, now_ms)
            self._loads[key].add(brought, entities_of(stream))
            self._changed.setdefault(key)

    def forget(self, streams: Iterable[StreamKey], partition: int) -> None:
        """The partition went to another worker."""
        for stream in streams:
            self._loads.pop((*stream, partition), None)
            self._changed.pop((*stream, partition), None)

    async def write(self) -> None:
        """What changed since the last time; when it fails, the next call writes it."""
        now_ms = self._clock_ms()
        untold = {key: self._loads[key].untold for key in list(self._changed)[:MOST_WRITTEN]}
        if untold:
            await self._store.save(self._worker, [self._told(key, now_ms) for key in untold])
        for key, records in untold.items():
            self._changed.pop(key, None)
            load = self._loads.get(key)
            if load is not None:
                load.told(records, now_ms)
                if records or load.untold:
                    # Once more, even if no more comes: that its rate is none now.
                    self._changed[key] = None
        await self._forget(now_ms)

    async def _forget(self, now_ms: int) -> None:
        if now_ms - self._forgot_ms > KEPT_MS:
            self._forgot_ms = now_ms
            await self._store.forget(now_ms - KEPT_MS)

    def _told(self, key: Key, now_ms: int) -> ToldLoad:
        load = self._loads[key]
        load.fade(now_ms)
        rate = load.rate_per_second(now_ms)
        return ToldLoad(*key, load.records, load.recent, rate, load.entities, load.shares(), now_ms)
