"""An Arrow stream in pieces of any size."""

import io
from collections.abc import AsyncIterator

import polars as pl
import pytest

from ad_data.arrow import read_arrow
from ad_detection.adapters.arrow_messages import ArrowStreamError, arrow_streams

FRAME = pl.DataFrame({"a": range(1000), "name": [f"n{row}" for row in range(1000)], "b": [None, 1.5] * 500})


def stream_of(frame: pl.DataFrame, rows: int) -> bytes:
    import pyarrow as pa

    sink = io.BytesIO()
    table = frame.to_arrow()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        for batch in table.to_batches(rows):
            writer.write_batch(batch)
    return sink.getvalue()


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
async def test_each_batch_can_be_read_by_itself_however_the_bytes_arrive(size: int) -> None:
    frames = [read_arrow(data) async for data in arrow_streams(pieces(stream_of(FRAME, 300), size))]
    assert [frame.height for frame in frames] == [300, 300, 300, 100]
    assert pl.concat(frames).equals(FRAME)


async def test_a_stream_without_batches_gives_nothing() -> None:
    assert [data async for data in arrow_streams(pieces(stream_of(FRAME.head(0), 10), 50))] == []


@pytest.mark.parametrize("cut", [0, 3, 100, -9, -4])
async def test_a_stream_that_breaks_off_is_an_error(cut: int) -> None:
    with pytest.raises(ArrowStreamError, match="broke off"):
        [data async for data in arrow_streams(pieces(stream_of(FRAME, 300)[:cut], 64))]


async def test_what_is_no_arrow_is_an_error() -> None:
    with pytest.raises(ArrowStreamError, match="not an Arrow IPC stream"):
        [data async for data in arrow_streams(pieces(b'{"items": []}', 5))]
