"""Keeps beside the anomalies which of the streams of a name are there."""

from collections.abc import Mapping

from ad_detection.domain.control import StreamKey
from ad_detection.ports import ControlSource, GenerationStore
from ad_detection.usecases.drop_gone import GoneStreams


class GenerationKeeper:
    """Every worker writes what it heard, and only the first to write it changes anything."""

    def __init__(self, store: GenerationStore, view: ControlSource) -> None:
        self._store = store
        self._view = view
        self._written: Mapping[StreamKey, int] = {}
        self._erased = GoneStreams()

    async def write(self) -> None:
        first = self._view.control.first
        if first is self._written:
            return
        # What another worker erased already may have been written here afterwards.
        for key in self._written:
            if key not in first:
                self._erased.add(key)
        await self._erased.drop(self._store.drop)
        new = {key: each for key, each in first.items() if self._written.get(key) != each}
        if new:
            await self._store.save(new)
        self._written = first
