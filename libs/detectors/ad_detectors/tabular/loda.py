"""Loda: how rare a row is on many random lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, Detector, take
from ad_detectors.errors import DataError
from ad_detectors.kernels.projections import line_scores, projected
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.equal_bins import TIE, check_bins, equal_bins, halves_of
from ad_detectors.tabular.standard import fit_range, take_standard

EMPTY = 1e-12
"""What PyOD adds to the count of each bin, so that an empty one has a logarithm."""

LINES_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True)
class LODAParameters(Parameters):
    """Parameters of `LODA`."""

    cuts: int = option(100, "number of random lines", low=1, high=10_000)
    bins: int = option(10, "bins of equal width on each line", low=2, high=10_000)
    seed: int = option(
        0, "seed of the random lines; the same seed gives the same scores", low=0, high=2**32 - 1
    )


class LODA(Detector):
    """Lightweight on-line detector of anomalies: an ensemble of histograms on random lines.

    Idea: each line looks at √d of the features, with normally distributed weights; the score is the mean, over
    the lines, of -log of the share of training rows in the bin of the row. Assumes that anomalies lie where
    some line has few rows. Features are scaled to [0, 1] first, so that units do not matter and none of them
    stretches the lines for the others. The scores are those of PyOD's LODA on rows scaled so, to 1e-9, and so
    divided once more by the number of lines. Two refinements: beyond the training rows on a line the share
    falls with the square of the distance; and rows that fall into the same bins on each line differ by a
    ten-billionth, the row farther out having more. Fitting costs O(cuts · √d · n), scoring O(cuts · √d) per row.

    Parameters
    ----------
    cuts : int, default 100
        Number of random lines.
    bins : int, default 10
    seed : int, default 0

    Source
    ------
    Pevný, Loda: Lightweight on-line detector of anomalies, Machine Learning 102, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.random.default_rng(1).normal(size=(500, 4))
    >>> ordinary, strange = LODA(seed=1).fit(rows).score([[0.0] * 4, [5.0, -5.0, 5.0, -5.0]])
    >>> bool(ordinary < strange)
    True
    """

    name = "loda"
    parameters_type = LODAParameters
    parameters: LODAParameters

    def _fit(self, matrix: Floats) -> None:
        bins = self.parameters.bins
        self._standard = fit_range(matrix)
        self._features, self._weights = self._lines(matrix.shape[1])
        # A place on an edge is looked up in the bin below it, and all bins are looked up one too high, as in PyOD.
        made = [equal_bins(line, bins, bins // 2) for line in self._places(matrix)]
        self._edges = np.stack([edges for edges, _ in made])
        counts = np.stack([counts for _, counts in made]) + EMPTY
        self._use(counts / counts.sum(axis=1, keepdims=True))

    def _places(self, matrix: Floats) -> Iterator[Floats]:
        """Where the rows are on each line; of a few lines at once, for all take much more room than the rows."""
        for start in range(0, len(self._features), LINES_AT_ONCE):
            few = slice(start, start + LINES_AT_ONCE)
            yield from projected(matrix, self._standard, self._features[few], self._weights[few])

    def _lines(self, width: int) -> tuple[NDArray[np.int64], Floats]:
        """Which features each line looks at, and their weights, drawn as PyOD draws them."""
        # The legacy generator is PyOD's.
        random = np.random.RandomState(self.parameters.seed)
        weights = random.randn(self.parameters.cuts, width)
        unused = width - int(np.sqrt(width))
        chosen = np.stack([np.sort(random.permutation(width)[unused:]) for _ in weights])
        return chosen.astype(np.int64), np.take_along_axis(weights, chosen, axis=1)

    def _use(self, share: Floats) -> None:
        self._share, self._table = share, -np.log(share)
        self._halves = np.ascontiguousarray(np.stack(halves_of(self._edges), axis=1))

    def _score(self, matrix: Floats) -> Floats:
        lines = (self._features, self._weights, self._edges, self._table, self._halves)
        return line_scores(matrix, self._standard, *lines, TIE)

    def _to_arrays(self) -> Arrays:
        return {
            "standard": self._standard,
            "line_features": self._features,
            "line_weights": self._weights,
            "edges": self._edges,
            "share": self._share,
        }

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        width, lines, bins = len(self.feature_names), self.parameters.cuts, self.parameters.bins
        used = int(np.sqrt(width))
        self._standard = take_standard(arrays, width)
        self._features = take(arrays, "line_features", np.int64, (lines, used))
        self._weights = take(arrays, "line_weights", np.float64, (lines, used))
        self._edges = take(arrays, "edges", np.float64, (lines, bins + 1))
        share = take(arrays, "share", np.float64, (lines, bins))
        inside = ((self._features >= 0) & (self._features < width)).all()
        if not inside or not np.isfinite(self._weights).all() or not (share > 0).all():
            raise DataError("the arrays of lines are damaged: a line looks outside of the features")
        check_bins(self._edges, share)
        self._use(share)
