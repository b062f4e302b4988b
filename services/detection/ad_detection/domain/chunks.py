"""Records on their way into a replay."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ad_detection.domain.grouping import Headers, StoredRecord


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records of one partition in their order, and from when to when they came."""

    topic: str
    partition: int
    records: Sequence[StoredRecord]
    first_ms: int
    last_ms: int
    warm: bool = False
    """Only learnt from."""
    record_ids: pl.Series | None = None
    """Of the rows of the only message, where it was made of records of the lake."""
    progress: float | None = None
    read_from: int | None = None
    """The offset from which on the partition is read."""


@dataclass(frozen=True, slots=True)
class Message:
    """Rows of the lake in the form in which the log would hold them."""

    value: bytes
    headers: Headers
    timestamp: int
    offset: int = 0
