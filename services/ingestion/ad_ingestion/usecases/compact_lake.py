"""Joins the small files that many small requests leave in the lake, and removes what was replaced."""

import asyncio
import secrets
import time
from collections.abc import Sequence

import polars as pl
import structlog

from ad_chassis.database import EVERY_TENANT
from ad_ingestion.domain.lake import LakeFile, from_parquet, lake_key, runs_to_join, to_parquet
from ad_ingestion.domain.streams import Stream
from ad_ingestion.ports import Lake, Store

SMALL_ROWS = 20_000
MAX_ROWS = 200_000
FEWEST_FILES = 32
MOST_FILES = 512
READ_AT_ONCE = 16
DELETED_AT_ONCE = 1000
log = structlog.get_logger(__name__)


async def compact_lake(store: Store, lake: Lake) -> int:
    """How many files were replaced by bigger ones."""
    async with store.transaction(EVERY_TENANT, read_only=True) as work:
        crowded = await work.small_files(SMALL_ROWS, FEWEST_FILES)
    replaced = 0
    for stream, files in crowded:
        for run in runs_to_join(files, fewest=FEWEST_FILES, small_rows=SMALL_ROWS, max_rows=MAX_ROWS):
            some = run[:MOST_FILES]
            if await _join(store, lake, stream, some):
                replaced += len(some)
    if replaced:
        log.info("small files of the lake were joined", files=replaced)
    return replaced


async def remove_replaced(store: Store, lake: Lake, keep_seconds: float) -> None:
    """Files that were joined a while ago, so that nobody reads them any more."""
    before_ms = _now_ms() - int(keep_seconds * 1000)
    async with store.transaction(EVERY_TENANT, read_only=True) as work:
        keys = await work.replaced_files(before_ms, DELETED_AT_ONCE)
    for key in keys:
        await lake.delete(key)
    if keys:
        async with store.transaction(EVERY_TENANT) as work:
            await work.forget_replaced(keys)


async def _join(store: Store, lake: Lake, stream: Stream, files: Sequence[LakeFile]) -> bool:
    """The new file is written first and seen only when the table names it instead of the old ones."""
    data: list[bytes] = []
    for start in range(0, len(files), READ_AT_ONCE):
        some = files[start : start + READ_AT_ONCE]
        data += await asyncio.gather(*(lake.get(file.key) for file in some))
    parquet = await asyncio.to_thread(lambda: to_parquet(pl.concat([from_parquet(each) for each in data])))
    last = files[-1]
    joined = LakeFile(
        key=lake_key(stream.tenant, stream.name, f"joined-{secrets.token_hex(8)}", last.accepted_ms),
        rows=sum(file.rows for file in files),
        size_bytes=len(parquet),
        min_time_ms=min(file.min_time_ms for file in files),
        max_time_ms=max(file.max_time_ms for file in files),
        accepted_ms=last.accepted_ms,
        id=last.id,
    )
    await lake.put(joined.key, parquet)
    async with store.transaction(EVERY_TENANT) as work:
        done = await work.replace_files(stream, files, joined, _now_ms())
    if not done:
        await lake.delete(joined.key)
    return done


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
