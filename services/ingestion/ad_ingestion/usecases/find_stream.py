"""Finds a stream that exists."""

from ad_chassis.errors import NotFound
from ad_ingestion.domain.streams import Stream, StreamKey
from ad_ingestion.ports import Store, Transaction


async def find_stream(store: Store, key: StreamKey) -> Stream:
    async with store.transaction(key[0], read_only=True) as work:
        return await existing(work, key)


async def existing(work: Transaction, key: StreamKey) -> Stream:
    """Raises `NotFound` for a stream that never was or was deleted."""
    stream = await work.stream(key)
    if stream is None or stream.deleted:
        raise no_stream(key[1])
    return stream


def no_stream(name: str) -> NotFound:
    return NotFound(f"there is no stream {name!r}; GET /api/v1/streams lists those that exist")
