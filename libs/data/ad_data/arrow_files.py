"""Arrow and Parquet files part by part, so that a file may be larger than memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ad_data.arrow import FILE_MARKER, frame_of
from ad_data.errors import ReadError

PARQUET_MARKER = b"PAR1"


class Part(NamedTuple):
    """Rows that follow each other; `share` of the file is done with them, 0 to 1."""

    frame: pl.DataFrame
    share: float


def read_parts(path: Path, rows: int) -> Iterator[Part]:
    """The rows of a Parquet file, an IPC file or an IPC stream, at most `rows` at a time."""
    with path.open("rb") as file:
        head = file.read(len(FILE_MARKER))
    form = "Parquet" if head.startswith(PARQUET_MARKER) else "Arrow IPC"
    try:
        with pa.memory_map(str(path)) as source:
            for batch, share in _batches(source, head, rows):
                batch.validate(full=True)
                frame = frame_of(pa.Table.from_batches([batch]), form)
                yield from (Part(part, share) for part in frame.iter_slices(rows))
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        first = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise ReadError(f"not readable as {form}: {first}") from error


def _batches(source: Any, head: bytes, rows: int) -> Iterator[tuple[Any, float]]:
    if head.startswith(PARQUET_MARKER):
        file, seen = pq.ParquetFile(source), 0
        for batch in file.iter_batches(batch_size=rows):
            seen += batch.num_rows
            yield batch, seen / file.metadata.num_rows
    elif head.startswith(FILE_MARKER):
        reader = pa.ipc.open_file(source)
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number), (number + 1) / reader.num_record_batches
    else:
        size = source.size()
        for batch in pa.ipc.open_stream(source):
            yield batch, source.tell() / size
