"""The record lake: which files hold what, and how their records are shown."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from ad_data.conform import DTYPES
from ad_data.schema import StreamSchema
from ad_ingestion.domain.sorting import ROW, TIME

BATCH = "_batch"
ID = "_id"
ISO = "%Y-%m-%dT%H:%M:%S%.3fZ"


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A Parquet file of records in the order of their acceptance; `id` orders the files of a stream."""

    key: str
    rows: int
    size_bytes: int
    min_time_ms: int
    max_time_ms: int
    accepted_ms: int
    id: int = 0


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Records by event time (from ≤ time < to); the newest `limit` of them when `latest`, else the first."""

    from_ms: int | None = None
    to_ms: int | None = None
    limit: int | None = None
    latest: bool = False


def lake_key(tenant: str, stream: str, batch_id: str, accepted_ms: int) -> str:
    day = datetime.fromtimestamp(accepted_ms / 1000, UTC).date().isoformat()
    return f"lake/{tenant}/{stream}/date={day}/{batch_id}.parquet"


def to_parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="lz4", statistics=False)
    return buffer.getvalue()


def from_parquet(data: bytes) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(data))


def time_bounds(frame: pl.DataFrame) -> tuple[int, int]:
    times = frame[TIME].dt.epoch("ms").to_numpy()
    return int(times.min()), int(times.max())


def matching(frame: pl.DataFrame, query: RecordQuery) -> pl.DataFrame:
    """The records of a file that the query asks for."""
    time = pl.col(TIME).dt.epoch("ms")
    if query.from_ms is not None:
        frame = frame.filter(time >= query.from_ms)
    if query.to_ms is not None:
        frame = frame.filter(time < query.to_ms)
    return frame


def presented(frame: pl.DataFrame, schema: StreamSchema) -> pl.DataFrame:
    """Records as readers see them: the fields, `_id`, `_time`."""
    record_id = (pl.col(BATCH) + "/" + pl.col(ROW).cast(pl.String)).alias(ID)
    return frame.select(*schema.names, record_id, TIME)


def empty(schema: StreamSchema) -> pl.DataFrame:
    """What is shown of a stream without records: its columns."""
    fields = {field.name: DTYPES[field.type] for field in schema.fields}
    return pl.DataFrame(schema={**fields, ID: pl.String(), TIME: pl.Datetime("ms", "UTC")})


def with_iso_times(frame: pl.DataFrame) -> pl.DataFrame:
    """Times as text, for the forms that know no times."""
    times = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
    return frame.with_columns(pl.col(name).dt.strftime(ISO) for name in times)


def runs_to_join(
    files: Sequence[LakeFile], *, fewest: int, small_rows: int, max_rows: int
) -> Iterable[list[LakeFile]]:
    """Neighbours in the order of acceptance that are small enough to be worth joining."""
    run: list[LakeFile] = []
    rows = 0
    for file in files:
        if file.rows > small_rows or rows + file.rows > max_rows:
            if len(run) >= fewest:
                yield run
            run, rows = [], 0
        if file.rows <= small_rows:
            run.append(file)
            rows += file.rows
    if len(run) >= fewest:
        yield run
