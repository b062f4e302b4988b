"""Deletes a stream; what was accepted stays in the lake unless it is purged."""

from datetime import UTC, datetime

from ad_ingestion.domain.streams import StreamKey, removed
from ad_ingestion.ports import Deployments, Lake, Store
from ad_ingestion.usecases.find_stream import existing


async def delete_stream(
    store: Store, lake: Lake, deployments: Deployments, key: StreamKey, *, purge: bool = False
) -> None:
    """The model is withdrawn first: a later stream of this name must not come under a model of this one."""
    async with store.transaction(key[0]) as work:
        await existing(work, key)
    await deployments.withdraw(key)
    keys: list[str] = []
    async with store.transaction(key[0]) as work:
        stream = await existing(work, key)
        await work.save_stream(removed(stream, datetime.now(UTC)))
        if purge:
            keys = await work.purge(stream)
    await store.tell()
    for each in keys:
        await lake.delete(each)
