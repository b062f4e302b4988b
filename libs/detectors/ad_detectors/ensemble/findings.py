"""What `auto` saw in the data, in words."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ad_detectors.matrix import Floats

TOP_SHARE = 0.1
FAR = 10.0
AGREE = 2.0 / 3.0
TELLING = 0.5


@dataclass(frozen=True)
class Findings:
    """Figures without labels; shares are between 0 and 1.

    Attributes
    ----------
    rows, studied, features : int
        Training rows, those that were looked at, and columns.
    distinct : float
        Different rows among those looked at.
    coarse : int
        Features whose middle half is a single value.
    far : float
        Values more than ten typical spreads from the middle.
    agreement : float
        The strangest tenth for forests that is the strangest tenth for neighbours too.
    foretold : float
        The variance of the neighbours' opinion that trees foretold for rows they had not seen.
    weight : float
        What the trees weigh beside the neighbours.
    """

    rows: int
    studied: int
    features: int
    distinct: float
    coarse: int
    far: float
    agreement: float
    foretold: float
    weight: float

    def sentences(self) -> tuple[str, ...]:
        """Why the data is scored the way it is."""
        return (
            self._size(),
            self._copies(),
            self._sparsity(),
            self._tails(),
            self._structure(),
            self._trees(),
        )

    def _size(self) -> str:
        looked = (
            "" if self.studied == self.rows else f"; {self.studied:,} of them, drawn at random, were studied"
        )
        return f"size: {self.rows:,} rows of {self.features:,} feature(s){looked}"

    def _copies(self) -> str:
        return (
            f"duplicates: {self.distinct:.0%} of the rows are different; "
            "each is kept once, and a row's own copies do not make it normal"
        )

    def _sparsity(self) -> str:
        if not self.coarse:
            return "sparsity: none; every feature is measured by the spread of its middle half"
        return (
            f"sparsity: {self.coarse:,} feature(s) are mostly one value and are measured by their standard "
            "deviation, the others by the spread of their middle half"
        )

    def _tails(self) -> str:
        return (
            f"tails: {self.far:.2%} of the values are more than {FAR:.0f} typical spreads from the middle; distances "
            "count once as they are and once with far values drawn in"
        )

    def _structure(self) -> str:
        found = (
            "global: what is far out is also lonely"
            if self.agreement >= AGREE
            else ("local: many rows are strange only in comparison with their neighbours")
        )
        return (
            f"structure: {found} (isolation forests and neighbours agree on {self.agreement:.0%} of the strangest "
            "tenth); the forests decide which rows may stand for normal and the least that a row scores, the "
            "neighbours the rest"
        )

    def _trees(self) -> str:
        if self.weight == 0.0:
            return "trees: not used, they could not foretell what the neighbours say"
        kind = (
            "follow a few rules on features"
            if self.foretold >= TELLING
            else "are mostly particular to single rows"
        )
        return (
            f"trees: distances {kind}: trees foretold {self.foretold:.0%} of their variance for rows "
            f"they had not seen, so they weigh {self.weight:.2f} beside the neighbours' 1"
        )


def agreement(one: Floats, other: Floats) -> float:
    """The share of the highest tenth by one score that is in the highest tenth by the other.

    >>> agreement(np.arange(100.0), np.arange(100.0))
    1.0
    """
    return float((_top(one) & _top(other)).sum() / _top(one).sum())


def _top(scores: Floats) -> NDArray[np.bool_]:
    return np.asarray(scores >= np.quantile(scores, 1.0 - TOP_SHARE), np.bool_)
