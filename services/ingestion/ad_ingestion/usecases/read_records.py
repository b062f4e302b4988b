"""Reads records back from the lake, in the order of their acceptance."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import polars as pl

from ad_ingestion.domain.lake import LakeFile, RecordQuery, from_parquet, matching, presented
from ad_ingestion.domain.streams import Stream
from ad_ingestion.ports import Lake, Store

FILES_AT_ONCE = 32


async def read_records(
    store: Store, lake: Lake, stream: Stream, query: RecordQuery
) -> AsyncIterator[pl.DataFrame]:
    """Frames as readers see them; a few files are in memory at a time."""
    if stream.schema is None:
        return
    schema = stream.schema
    async with store.transaction(stream.tenant, read_only=True) as work:
        files = await work.files(stream, query)
    frames = _newest(lake, files, query) if query.latest else _first(lake, files, query)
    async for frame in frames:
        yield presented(frame, schema)


async def _first(lake: Lake, files: Sequence[LakeFile], query: RecordQuery) -> AsyncIterator[pl.DataFrame]:
    left = query.limit
    async for some in _matching(lake, files, query):
        frame = some if left is None else some.head(left)
        left = None if left is None else left - frame.height
        if frame.height:
            yield frame
        if left == 0:
            return


async def _newest(lake: Lake, files: Sequence[LakeFile], query: RecordQuery) -> AsyncIterator[pl.DataFrame]:
    """Goes back from the newest file until there is enough, then hands out in order."""
    found: list[pl.DataFrame] = []
    left = query.limit
    async for some in _matching(lake, files, query):
        found.append(some if left is None else some.tail(left))
        left = None if left is None else left - found[-1].height
        if left == 0:
            break
    for frame in reversed(found):
        if frame.height:
            yield frame


async def _matching(lake: Lake, files: Sequence[LakeFile], query: RecordQuery) -> AsyncIterator[pl.DataFrame]:
    """Files are fetched several at a time, but never many more than the limit needs."""
    for some in batches(files, query.limit):
        for frame in await asyncio.gather(*(_load(lake, file, query) for file in some)):
            yield frame


def batches(files: Sequence[LakeFile], limit: int | None) -> list[Sequence[LakeFile]]:
    """Files to fetch together: first those that may be enough, then the others."""
    enough = len(files)
    if limit is not None:
        rows = 0
        for place, file in enumerate(files):
            rows += file.rows
            if rows >= limit:
                enough = place + 1
                break
    return [*_some_at_once(files[:enough]), *_some_at_once(files[enough:])]


def _some_at_once(files: Sequence[LakeFile]) -> list[Sequence[LakeFile]]:
    return [files[start : start + FILES_AT_ONCE] for start in range(0, len(files), FILES_AT_ONCE)]


async def _load(lake: Lake, file: LakeFile, query: RecordQuery) -> pl.DataFrame:
    data = await lake.get(file.key)
    return await asyncio.to_thread(lambda: matching(from_parquet(data), query))
