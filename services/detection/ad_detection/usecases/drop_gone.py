"""Takes away what was written of streams that are gone."""

from collections.abc import Awaitable, Callable

from ad_detection.domain.control import StreamKey

AT_ONCE = 500
"""Streams in one statement."""


class GoneStreams:
    """Streams that were deleted or erased after a worker counted something of them.

    Whoever deletes or erases takes the rows away too, but cannot know of a worker that hears of it later and writes
    once more. So each worker takes its own away, between its writes and never beside one.
    """

    def __init__(self) -> None:
        self._streams: dict[StreamKey, None] = {}

    def add(self, stream: StreamKey) -> None:
        self._streams[stream] = None

    async def drop(self, drop: Callable[[list[StreamKey]], Awaitable[None]]) -> None:
        """When it fails, the next call takes away what is left."""
        while streams := list(self._streams)[:AT_ONCE]:
            await drop(streams)
            for stream in streams:
                del self._streams[stream]
