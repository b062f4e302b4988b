"""How a challenger does beside the champion, as counts that can be added up over workers, partitions and hours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detection.domain.judgement import Judgement
from ad_detectors.drift.psi import stability_index

Counted = NDArray[np.int64]
EDGES = (1e-5, 1e-4, 1e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Tail probabilities, which mean the same for every model, cut into levels: finer where alerts are."""
LEVELS = len(EDGES) + 1
HOUR_MS = 3_600_000
FIRST_HOURS = 24
"""What a model's scores are compared with to see them drift."""


class Pair(NamedTuple):
    """A challenger beside what scored the stream: `name@version`, or the name of the streaming detector."""

    tenant: str
    stream: str
    champion: str
    challenger: str


def _empty() -> Counted:
    return np.zeros((LEVELS, LEVELS), dtype=np.int64)


@dataclass(slots=True)
class Counts:
    """Of the rows that both scored. `levels` counts them by the champion's level and by the challenger's."""

    rows: int = 0
    champion_alerts: int = 0
    challenger_alerts: int = 0
    both: int = 0
    levels: Counted = field(default_factory=_empty)

    def add(self, other: "Counts") -> None:
        self.rows += other.rows
        self.champion_alerts += other.champion_alerts
        self.challenger_alerts += other.challenger_alerts
        self.both += other.both
        self.levels += other.levels


class HourlyCounts(NamedTuple):
    """What one worker counted in one hour by the clock."""

    pair: Pair
    hour_ms: int
    counts: Counts


def hour_of(time_ms: int) -> int:
    return time_ms - time_ms % HOUR_MS


def levels_of(judgement: Judgement) -> Counted:
    """The level of every row, 0 for the most improbable."""
    probability = judgement.probability(np.arange(len(judgement.score)))
    return np.searchsorted(EDGES, probability, side="right").astype(np.int64)


def counted(champion: Judgement, champion_levels: Counted, challenger: Judgement) -> Counts:
    """Both of the same rows."""
    a, b = champion.label, challenger.label
    cells = champion_levels * LEVELS + levels_of(challenger)
    return Counts(
        rows=len(a),
        champion_alerts=int(a.sum()),
        challenger_alerts=int(b.sum()),
        both=int((a & b).sum()),
        levels=np.bincount(cells, minlength=LEVELS * LEVELS).reshape(LEVELS, LEVELS),
    )


def compared(whole: Counts, first: Counts, later: Counts) -> dict[str, Any]:
    """The figures of a report: of all that was asked for, and how far what came later is from the first day."""
    n, a, b, both = whole.rows, whole.champion_alerts, whole.challenger_alerts, whole.both
    return {
        "rows": n,
        "champion_alerts": a,
        "challenger_alerts": b,
        "both": both,
        "only_champion": a - both,
        "only_challenger": b - both,
        "kappa": _kappa(n, a, b, both),
        "jaccard": both / (a + b - both) if a + b else None,
        "rank_correlation": rank_correlation(whole.levels),
        "champion_drift": _drift(first.levels.sum(axis=1), later.levels.sum(axis=1)),
        "challenger_drift": _drift(first.levels.sum(axis=0), later.levels.sum(axis=0)),
    }


def summed(hours: Mapping[int, Counts], from_ms: int, to_ms: int) -> Counts:
    """Hours that begin in a range."""
    total = Counts()
    for hour_ms, counts in hours.items():
        if from_ms <= hour_ms < to_ms:
            total.add(counts)
    return total


def rank_correlation(levels: Counted) -> float | None:
    """Spearman's, with the rows of a level as ties; None where one of the two says the same of every row."""
    total = int(levels.sum())
    if total == 0:
        return None
    shares = levels / total
    sides = shares.sum(axis=1), shares.sum(axis=0)
    # The middle rank of each level, from -0.5 to 0.5.
    a, b = (np.cumsum(side) - side / 2 - 0.5 for side in sides)
    spread = float(np.sum(sides[0] * a**2) * np.sum(sides[1] * b**2))
    return float(a @ shares @ b) / spread**0.5 if spread > 0 else None


def _kappa(rows: int, a: int, b: int, both: int) -> float | None:
    """Cohen's: agreement beyond what two that alert as often by chance have; None where it means nothing."""
    if rows == 0:
        return None
    agreed = (rows - a - b + 2 * both) / rows
    by_chance = (a * b + (rows - a) * (rows - b)) / rows**2
    return (agreed - by_chance) / (1 - by_chance) if by_chance < 1 else None


def _drift(first: Counted, later: Counted) -> float | None:
    """The population stability index; None while one of the two has no rows."""
    if not first.sum() or not later.sum():
        return None
    return float(stability_index(first[np.newaxis], later[np.newaxis])[0])
