"""Records in the forms that readers ask for, piece by piece."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import polars as pl
import pyarrow as pa

from ad_data.schema import StreamSchema
from ad_ingestion.domain.lake import empty, with_iso_times

Frames = AsyncIterator[pl.DataFrame]
OLDEST = pl.CompatLevel.oldest()
FLUSH_BYTES = 1 << 18


async def as_json(frames: Frames) -> AsyncIterator[bytes]:
    """{"items": [{…}, …]}"""
    yield b'{"items":['
    first = True
    async for frame in frames:
        text = with_iso_times(frame).write_json().encode()
        yield text[1:-1] if first else b"," + text[1:-1]
        first = False
    yield b"]}"


async def as_csv(frames: Frames, schema: StreamSchema | None) -> AsyncIterator[bytes]:
    if schema is not None:
        yield with_iso_times(empty(schema)).write_csv().encode()
    async for frame in frames:
        yield with_iso_times(frame).write_csv(include_header=False).encode()


async def as_arrow(frames: Frames, schema: StreamSchema | None) -> AsyncIterator[bytes]:
    """An IPC stream; a reader can begin before it ends."""
    sink = io.BytesIO()
    form: Any = empty(schema).to_arrow(compat_level=OLDEST).schema if schema else pa.schema([])
    writer = pa.ipc.new_stream(sink, form)
    async for frame in frames:
        for batch in frame.rechunk().to_arrow(compat_level=OLDEST).cast(form).to_batches():
            writer.write_batch(batch)
        if sink.tell() >= FLUSH_BYTES:
            yield _taken(sink)
    writer.close()
    yield _taken(sink)


async def as_parquet(frames: Frames, schema: StreamSchema | None) -> AsyncIterator[bytes]:
    """Written as a whole: the form ends with its table of contents."""
    found = [frame async for frame in frames]
    yield await asyncio.to_thread(_parquet, found, schema)


def _parquet(frames: list[pl.DataFrame], schema: StreamSchema | None) -> bytes:
    sink = io.BytesIO()
    nothing = [empty(schema)] if schema else [pl.DataFrame()]
    pl.concat(frames or nothing).write_parquet(sink)
    return sink.getvalue()


def _taken(sink: io.BytesIO) -> bytes:
    data = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return data
