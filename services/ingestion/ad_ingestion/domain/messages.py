"""Accepted records cut into messages: one partition each, of a size that every broker takes."""

import io
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_contracts.partitioning import partition_for, record_key
from ad_data.schema import StreamSchema
from ad_ingestion.domain.sorting import ROW, record_bytes

MAX_ROWS = 5_000
MAX_BYTES = 512 * 1024
BYTES_PER_FIELD = 200
"""What an Arrow message says about each field."""


class Part(NamedTuple):
    """One message: its partition, its number within the partition, its rows as an Arrow IPC stream."""

    partition: int
    number: int
    rows: int
    value: bytes

    def event_id(self, batch_id: str) -> str:
        return f"{batch_id}.{self.partition}.{self.number}"


def cut(frame: pl.DataFrame, stream: str, schema: StreamSchema, partitions: int) -> list[Part]:
    """The same records always give the same parts, so that a repeated publication can be told from a new one.

    All records of an entity go to one partition and keep their order.
    """
    if frame.is_empty():
        return []
    columns = [*schema.names, ROW]
    limit = MAX_BYTES - min(BYTES_PER_FIELD * len(columns), MAX_BYTES // 2)
    records, widths = frame.select(columns), record_bytes(frame, schema).to_numpy()
    places = _places(frame, stream, schema, partitions)
    if places.min() != places.max():
        # Sorted once and then only sliced; a stable sort keeps the order within a partition.
        order = np.argsort(places, kind="stable")
        records, widths, places = records[order], widths[order], places[order]
    parts = []
    for partition, first, last in _runs(places):
        for number, (start, stop) in enumerate(slices(widths[first:last], limit)):
            value = _encoded(records.slice(first + start, stop - start))
            parts.append(Part(partition, number, stop - start, value))
    return parts


def slices(widths: NDArray[np.int64], max_bytes: int, max_rows: int = MAX_ROWS) -> Iterator[tuple[int, int]]:
    """Runs of rows that stay below both limits; a row that is too wide by itself is a run of its own."""
    ends = np.cumsum(widths)
    start = 0
    while start < len(widths):
        before = int(ends[start - 1]) if start else 0
        fitting = int(np.searchsorted(ends, before + max_bytes, side="right"))
        stop = min(max(fitting, start + 1), start + max_rows)
        yield start, stop
        start = stop


def _places(frame: pl.DataFrame, stream: str, schema: StreamSchema, partitions: int) -> NDArray[np.int32]:
    """The partition of each record."""
    if schema.entity is None:
        return np.full(frame.height, partition_for(record_key(stream), partitions), dtype=np.int32)
    # As text, the way detection names an entity.
    entities = frame[schema.entity].cast(pl.String)
    distinct = entities.unique()
    places = [partition_for(record_key(stream, entity), partitions) for entity in distinct]
    return entities.replace_strict(distinct, places, return_dtype=pl.Int32).to_numpy()


def _runs(places: NDArray[np.int32]) -> Iterator[tuple[int, int, int]]:
    """Partition, first row and end of each run of equal partitions."""
    starts = np.flatnonzero(np.diff(places, prepend=-1))
    for first, last in zip(starts.tolist(), [*starts[1:].tolist(), len(places)], strict=True):
        yield int(places[first]), first, last


def _encoded(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    # Readers of any age know these layouts.
    frame.write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()
