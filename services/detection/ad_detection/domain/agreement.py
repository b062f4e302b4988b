"""How far two configurations agree on the same records."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_contracts.events import AnomalyDetected

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]
MOST_SAMPLED = 50_000
FROM_ONE_CHUNK = 2_000


class Agreement:
    """Alerts of both and of one alone, and the rank correlation of a sample of scores.

    The sample is drawn without chance: rows spread over every n-th chunk, and n doubles when there are too many.
    """

    def __init__(self) -> None:
        self._both = self._only_a = self._only_b = 0
        self._stride, self._chunk = 1, 0
        self._pairs: list[Pair] = []

    def wants_scores(self) -> bool:
        """Whether the next chunk belongs to the sample."""
        return self._chunk % self._stride == 0

    def add(self, alerts: Sequence[Sequence[AnomalyDetected]], scores: Sequence[Floats]) -> None:
        """The alerts of a chunk by a and by b, and their scores where they were wanted."""
        a, b = ({alert.record_id for alert in each} for each in alerts)
        self._both += len(a & b)
        self._only_a += len(a - b)
        self._only_b += len(b - a)
        if self.wants_scores() and len(scores) == 2 and len(scores[0]) == len(scores[1]):
            step = -(-len(scores[0]) // FROM_ONE_CHUNK)
            self._pairs.append((scores[0][::step].copy(), scores[1][::step].copy()))
            if sum(len(first) for first, _ in self._pairs) > MOST_SAMPLED:
                self._pairs = self._pairs[::2]
                self._stride *= 2
        self._chunk += 1

    def summary(self) -> dict[str, Any]:
        whole = [np.concatenate(side) for side in zip(*self._pairs, strict=True)] or [np.empty(0)] * 2
        return {
            "both": self._both,
            "only_a": self._only_a,
            "only_b": self._only_b,
            "rank_correlation": _spearman(*whole),
            "sampled_rows": len(whole[0]),
        }


def _spearman(a: Floats, b: Floats) -> float | None:
    """None where one of them says the same of every row."""
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(pl.select(pl.corr(pl.Series(a), pl.Series(b), method="spearman")).item())
