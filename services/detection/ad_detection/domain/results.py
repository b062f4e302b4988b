"""What scoring a batch gives."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_contracts.events import AnomalyDetected, RecordRejected
from ad_detection.domain.comparison import Counts, Pair
from ad_detection.domain.control import Challenger, StreamKey, StreamRule
from ad_detection.domain.listing import Met
from ad_detection.domain.load import BatchLoad


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
    late: NDArray[np.bool_]
    in_shadow: bool = False
    """Of a challenger."""


@dataclass(slots=True)
class Results:
    """Everything that leaves a worker after a batch, and what is counted."""

    anomalies: list[AnomalyDetected] = field(default_factory=list)
    scores: list[ScoreBlock] = field(default_factory=list)
    rejected: list[RecordRejected] = field(default_factory=list)
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Records scored, by algorithm and stream."""
    cold: Counter[str] = field(default_factory=Counter)
    """Records of entities that are not known well enough to be scored, by stream."""
    evicted: Counter[str] = field(default_factory=Counter)
    """Entities that gave way to new ones, by stream."""
    refused: Counter[str] = field(default_factory=Counter)
    """Records of new entities that were not taken in, by stream."""
    met: list[Met] = field(default_factory=list)
    """How the entities stood that a streaming detector met."""
    late: Counter[str] = field(default_factory=Counter)
    """Records that are older than one before them and were scored, by stream."""
    too_late: Counter[str] = field(default_factory=Counter)
    """Records that are older than their stream allows; they are among those rejected."""
    loads: dict[str, BatchLoad] = field(default_factory=dict)
    """How many came of each stream, and of which entities most."""
    comparisons: dict[Pair, Counts] = field(default_factory=dict)
    """What challengers said beside champions."""
    failures: dict[tuple[StreamKey, Challenger], str] = field(default_factory=dict)
    """Challengers that could not score, and why."""

    @property
    def told(self) -> int:
        """About how many messages it takes to tell this."""
        return len(self.anomalies) + len(self.rejected) + sum(len(block.score) for block in self.scores)
