"""What scoring a batch gives."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_contracts.events import AnomalyDetected, RecordRejected
from ad_detection.domain.control import StreamRule


@dataclass(frozen=True, slots=True)
class ScoreBlock:
    """The scores of the records of one stream in one batch, in their order."""

    rule: StreamRule
    algorithm: str
    record_ids: pl.Series
    entities: pl.Series
    time_ms: NDArray[np.int64]
    score: NDArray[np.float64]
    probability: NDArray[np.float64]
    label: NDArray[np.bool_]


@dataclass(slots=True)
class Results:
    """Everything that leaves a worker after a batch, and what is counted."""

    anomalies: list[AnomalyDetected] = field(default_factory=list)
    scores: list[ScoreBlock] = field(default_factory=list)
    rejected: list[RecordRejected] = field(default_factory=list)
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Records scored, by algorithm and stream."""
