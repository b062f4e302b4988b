"""The form in which detectors take records: plain arrays."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_data.schema import StreamSchema


@dataclass(frozen=True, slots=True)
class Columns:
    """Records of one stream as arrays of equal length.

    Attributes
    ----------
    features : float64 [n, d]
        Row-major; NaN = missing, and nothing else is ever NaN or infinite.
    names : tuple of str
        Names of the d features.
    time_ms : int64 [n]
        Event time, milliseconds since the epoch, UTC.
    messages, rows : int64 [n]
        Which message of the batch, and which row in it.
    entities : list of str, optional
        The distinct entities in order of appearance; None when the stream has no entity key.
    entity_codes : int64 [n], optional
        Index into `entities`.
    """

    features: NDArray[np.float64]
    names: tuple[str, ...]
    time_ms: NDArray[np.int64]
    messages: NDArray[np.int64]
    rows: NDArray[np.int64]
    entities: list[str] | None = None
    entity_codes: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.time_ms)

    def of_messages(self, start: int, stop: int) -> "Columns":
        """The records of some messages, in the order of which all stand; the messages are numbered anew from 0."""
        first, last = self.messages.searchsorted((start, stop)).tolist()
        own = self.where(slice(first, last))
        return Columns(
            own.features,
            own.names,
            own.time_ms,
            own.messages - start,
            own.rows,
            own.entities,
            own.entity_codes,
        )

    def where(self, keep: slice | NDArray[np.bool_]) -> "Columns":
        """Some of the records, in their order."""
        entities, codes = self.entities, self.entity_codes
        if entities is not None and codes is not None:
            distinct, places, codes = np.unique(codes[keep], return_index=True, return_inverse=True)
            order = np.argsort(places)
            entities = [entities[code] for code in distinct[order].tolist()]
            codes = np.argsort(order)[codes]
        return Columns(
            self.features[keep],
            self.names,
            self.time_ms[keep],
            self.messages[keep],
            self.rows[keep],
            entities,
            codes,
        )


def to_columns(frame: pl.DataFrame, schema: StreamSchema, now_ms: int | pl.Series) -> Columns:
    """Arrays of a validated frame; a record without a time has that of its arrival, `now_ms` (one, or one per row)."""
    entities, codes = _entities(frame, schema)
    return Columns(
        features=_features(frame, schema),
        names=schema.features,
        time_ms=_times(frame, schema, now_ms),
        messages=_reserved(frame, "_message", np.zeros(frame.height, dtype=np.int64)),
        rows=_reserved(frame, "_row", np.arange(frame.height, dtype=np.int64)),
        entities=entities,
        entity_codes=codes,
    )


def _features(frame: pl.DataFrame, schema: StreamSchema) -> NDArray[np.float64]:
    names = schema.features
    matrix = np.empty((frame.height, len(names)), dtype=np.float64)
    for position, name in enumerate(names):
        column = frame[name]
        matrix[:, position] = (column if column.dtype == pl.Float64 else column.cast(pl.Float64)).to_numpy()
    return matrix


def _times(frame: pl.DataFrame, schema: StreamSchema, now_ms: int | pl.Series) -> NDArray[np.int64]:
    if schema.timestamp is None:
        return np.ascontiguousarray(np.broadcast_to(np.asarray(now_ms, dtype=np.int64), frame.height))
    return _array(frame[schema.timestamp].dt.epoch("ms").fill_null(now_ms))


def _reserved(frame: pl.DataFrame, name: str, otherwise: NDArray[np.int64]) -> NDArray[np.int64]:
    return _array(frame[name]) if name in frame.columns else otherwise


def _entities(frame: pl.DataFrame, schema: StreamSchema) -> tuple[list[str] | None, NDArray[np.int64] | None]:
    if schema.entity is None:
        return None, None
    column = frame[schema.entity].cast(pl.String)
    distinct = column.unique(maintain_order=True)
    codes = column.replace_strict(distinct, np.arange(distinct.len()), return_dtype=pl.Int64)
    return distinct.to_list(), _array(codes)


def _array(column: pl.Series) -> NDArray[np.int64]:
    whole = column if column.dtype == pl.Int64 else column.cast(pl.Int64)
    return np.ascontiguousarray(whole.to_numpy())
