"""Keeps the lists of cold, evicted and refused entities, and writes them down now and then."""

from collections.abc import Callable, Sequence

from ad_detection.domain.control import StreamKey
from ad_detection.domain.listing import Marks, Met, StreamLists
from ad_detection.ports import EntityListStore
from ad_detection.usecases.drop_gone import GoneStreams

KEPT_MS = 90 * 86_400_000
FORGET_EVERY_MS = 3_600_000
AT_ONCE = 100
"""Streams that are written in one transaction."""


class ListKeeper:
    """The lists of one worker: what was not written when the process dies is missing."""

    def __init__(self, store: EntityListStore, clock_ms: Callable[[], int]) -> None:
        self._store = store
        self._clock_ms = clock_ms
        self._marks = Marks()
        self._streams: dict[StreamKey, StreamLists] = {}
        self._unread: set[StreamKey] = set()
        self._gone = GoneStreams()
        self._forgotten_ms = 0

    def add(self, met: Sequence[Met]) -> None:
        now_ms = self._clock_ms()
        for each in met:
            lists = self._streams.get(each.key)
            if lists is None:
                lists = self._streams[each.key] = StreamLists()
                self._unread.add(each.key)
            lists.add(each, self._marks, now_ms)

    def forget(self) -> None:
        """Partitions have come from other workers, which listed what is not known here."""
        self._unread |= self._streams.keys()

    def gone(self, stream: StreamKey) -> None:
        """It was deleted or erased; another of its name begins anew."""
        if self._streams.pop(stream, None) is not None:
            self._unread.discard(stream)
            self._gone.add(stream)

    async def write(self) -> None:
        """What was noted since the last time; when it fails, the next call writes it."""
        await self._gone.drop(self._store.drop)
        for keys in _portions(sorted(self._unread)):
            # An entity that another worker listed as cold may warm up here.
            for key, cold in (await self._store.cold(keys)).items():
                if key in self._streams:
                    self._streams[key].learn(cold, self._marks)
            self._unread.difference_update(keys)
        changed = [key for key, lists in self._streams.items() if not lists.empty]
        for keys in _portions(changed):
            await self._write(keys)
        if changed:
            self._marks.begin([name for lists in self._streams.values() for name in lists.marked()])
        now_ms = self._clock_ms()
        if now_ms - self._forgotten_ms >= FORGET_EVERY_MS:
            await self._store.forget(now_ms - KEPT_MS)
            self._forgotten_ms = now_ms

    async def _write(self, keys: Sequence[StreamKey]) -> None:
        lists = {key: self._streams[key] for key in keys if key in self._streams}
        changes = {key: each.take() for key, each in lists.items()}
        try:
            await self._store.save(changes)
        except BaseException:
            for key, each in changes.items():
                if self._streams.get(key) is lists[key]:
                    lists[key].put_back(each)
            raise


def _portions(keys: list[StreamKey]) -> list[list[StreamKey]]:
    return [keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE)]
