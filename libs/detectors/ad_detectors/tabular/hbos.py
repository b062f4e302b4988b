"""Histogram-based outlier score: how rare the values of a row are, feature by feature."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.kernels.histogram import histogram_parts, histogram_scores
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.additive import AdditiveDetector
from ad_detectors.tabular.equal_bins import TIE, check_bins, equal_bins, halves_of


@dataclass(frozen=True, kw_only=True)
class HBOSParameters(Parameters):
    """Parameters of `HBOS`."""

    bins: int = option(10, "bins of equal width per feature", low=2, high=10_000)
    alpha: float = option(0.1, "added to each density, so that an empty bin has a score", low=1e-6, high=1)
    tolerance: float = option(
        0.5, "bin widths outside of the training range that still count as its edge", low=0, high=1
    )


class HBOS(AdditiveDetector):
    """Histogram-based outlier score: the sum over the features of -log2(density of the value's bin + alpha).

    Idea: a histogram per feature; values in low bins are rare. Density is relative to a feature spread evenly
    over its range (1 in each bin), so the units of a feature do not matter. Assumes that the features tell
    of anomalies each for itself: what is odd only in combination is not seen. The scores are those of
    PyOD's HBOS on features scaled to [0, 1], to 1e-9, with two refinements: outside of the training range a
    value counts as in the emptiest bin, and more with the distance; and rows that fall into the same bins
    differ by less than 1e-10, the row farther out having more. Fitting costs O(n · d), scoring O(d) per row.

    Parameters
    ----------
    bins : int, default 10
    alpha : float, default 0.1
    tolerance : float, default 0.5

    Source
    ------
    Goldstein and Dengel, Histogram-based Outlier Score (HBOS): A fast Unsupervised Anomaly Detection
    Algorithm, KI 2012.

    Examples
    --------
    >>> rows = [[1.0], [2.0], [2.0], [2.0], [3.0]]
    >>> detector = HBOS(bins=3).fit(rows)
    >>> detector.score([[2.0], [1.0], [9.0]]).round(3).tolist()
    [-0.926, 0.515, 6.129]
    """

    name = "hbos"
    parameters_type = HBOSParameters
    parameters: HBOSParameters

    def _fit(self, matrix: Floats) -> None:
        bins = self.parameters.bins
        # A value on an edge is looked up in the bin below it.
        made = [equal_bins(column, bins, bins // 2 - 1) for column in matrix.T]
        counts = np.stack([counts for _, counts in made]).astype(np.float64)
        self._use(np.stack([edges for edges, _ in made]), counts * bins / len(matrix))

    def _use(self, edges: Floats, density: Floats) -> None:
        self._edges, self._density = edges, density
        self._table = -np.log2(density + self.parameters.alpha)
        self._halves = np.stack([*halves_of(edges), self._table.max(axis=1)], axis=1)
        self._tie = TIE / len(edges)

    def _score(self, matrix: Floats) -> Floats:
        tolerance = self.parameters.tolerance
        return histogram_scores(matrix, self._edges, self._table, self._halves, tolerance, self._tie)

    def _parts(self, matrix: Floats) -> Floats:
        tolerance = self.parameters.tolerance
        return histogram_parts(matrix, self._edges, self._table, self._halves, tolerance, self._tie)

    def _to_arrays(self) -> Arrays:
        return {"edges": self._edges, "density": self._density}

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        features, bins = len(self.feature_names), self.parameters.bins
        edges = take(arrays, "edges", np.float64, (features, bins + 1))
        density = take(arrays, "density", np.float64, (features, bins))
        check_bins(edges, np.log2(np.maximum(density, 0.0) + self.parameters.alpha))
        self._use(edges, np.maximum(density, 0.0))
