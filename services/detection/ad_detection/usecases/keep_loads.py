"""Adds up how busy partitions are, and writes down what changed."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from ad_detection.domain.control import StreamKey
from ad_detection.domain.load import BatchLoad, Load, ToldLoad
from ad_detection.ports import LoadStore
from ad_detection.usecases.drop_gone import GoneStreams

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
        self._loads: dict[StreamKey, dict[int, Load]] = {}
        self._changed: dict[Key, None] = {}
        self._gone = GoneStreams()
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
            loads = self._loads.setdefault((tenant, stream), {})
            if partition not in loads:
                now_ms = self._clock_ms()
                loads[partition] = Load(now_ms, now_ms)
            loads[partition].add(brought, entities_of(stream))
            self._changed.setdefault((tenant, stream, partition))

    def forget(self, streams: Iterable[StreamKey], partition: int) -> None:
        """The partition went to another worker."""
        for stream in streams:
            self._loads.get(stream, {}).pop(partition, None)
            self._changed.pop((*stream, partition), None)

    def gone(self, stream: StreamKey) -> None:
        """It was deleted or erased; another of its name begins anew."""
        if stream not in self._loads:
            return
        for partition in self._loads.pop(stream):
            self._changed.pop((*stream, partition), None)
        self._gone.add(stream)

    async def write(self) -> None:
        """What changed since the last time; when it fails, the next call writes it."""
        await self._gone.drop(partial(self._store.drop, self._worker))
        now_ms = self._clock_ms()
        loads = {key: self._loads[key[:2]][key[2]] for key in list(self._changed)[:MOST_WRITTEN]}
        untold = {key: load.untold for key, load in loads.items()}
        if loads:
            told = [_told(key, load, now_ms) for key, load in loads.items()]
            await self._store.save(self._worker, told)
        for key, load in loads.items():
            if self._loads.get(key[:2], {}).get(key[2]) is not load:
                continue  # it went away, or began anew meanwhile
            del self._changed[key]
            load.told(untold[key], now_ms)
            if untold[key] or load.untold:
                # Once more, even if no more comes: that its rate is none now.
                self._changed[key] = None
        await self._forget(now_ms)

    async def _forget(self, now_ms: int) -> None:
        if now_ms - self._forgot_ms > KEPT_MS:
            self._forgot_ms = now_ms
            await self._store.forget(now_ms - KEPT_MS)


def _told(key: Key, load: Load, now_ms: int) -> ToldLoad:
    load.fade(now_ms)
    rate = load.rate_per_second(now_ms)
    return ToldLoad(*key, load.records, load.recent, rate, load.entities, load.shares(), now_ms)
