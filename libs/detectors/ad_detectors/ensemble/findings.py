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
        """Why the data is scored the way it is: what was seen and, after a semicolon, what follows."""
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
        return f"size: {_counted(self.rows, 'row')} of {_counted(self.features, 'feature')}{looked}"

    def _copies(self) -> str:
        if self.distinct == 1.0:
            return "duplicates: none; all rows are different"
        return (
            f"duplicates: {_percent(1.0 - self.distinct)} of rows; they repeat earlier ones, and each different row "
            "is kept once, so copies of a row do not make it normal"
        )

    def _sparsity(self) -> str:
        if not self.coarse:
            return "sparsity: none; every feature is measured by the spread of its middle half"
        return (
            f"sparsity: {_counted(self.coarse, 'feature')}; mostly one value, so measured by the standard deviation, "
            "the others by the spread of their middle half"
        )

    def _tails(self) -> str:
        return (
            f"tails: {_percent(self.far)} of values; they lie more than {FAR:.0f} typical spreads from the middle, so "
            "distances count once as they are and once with far values drawn in"
        )

    def _structure(self) -> str:
        kind, found = (
            ("global", "what is far out is also lonely")
            if self.agreement >= AGREE
            else ("local", "many rows are strange only in comparison with their neighbours")
        )
        return (
            f"structure: {kind}; {found} (isolation forests and neighbours agree on {_percent(self.agreement)} of "
            "the strangest tenth): the forests decide which rows may stand for normal and the least that a row "
            "scores, the neighbours the rest"
        )

    def _trees(self) -> str:
        if self.weight == 0.0:
            return "trees: not used; they could not foretell what the neighbours say"
        kind = (
            "follow a few rules on features"
            if self.foretold >= TELLING
            else "are mostly particular to single rows"
        )
        return (
            f"trees: weight {self.weight:.2f}; the neighbours weigh 1: distances {kind}, for trees foretold "
            f"{_percent(self.foretold)} of their variance for rows that they had not seen"
        )


def agreement(one: Floats, other: Floats) -> float:
    """The share of the highest tenth by one score that is in the highest tenth by the other.

    >>> agreement(np.arange(100.0), np.arange(100.0))
    1.0
    """
    return float((_top(one) & _top(other)).sum() / _top(one).sum())


def _counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _percent(share: float) -> str:
    """Two digits, and never 0 % of something that is there or 100 % while something is missing."""
    for digits in (0, 1, 2):
        text = f"{100 * share:.{digits}f}"
        if 0.0 < float(text) < 100.0 or share in {0.0, 1.0}:
            return f"{text} %"
    return "less than 0.01 %" if share < 0.5 else "more than 99.99 %"


def _top(scores: Floats) -> NDArray[np.bool_]:
    return np.asarray(scores >= np.quantile(scores, 1.0 - TOP_SHARE), np.bool_)
