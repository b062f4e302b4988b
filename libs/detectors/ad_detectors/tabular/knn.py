"""K nearest neighbours: anomalies are far from all other rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ad_detectors.kernels.neighbors import neighbor_scores
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.apart import neighbors_apart
from ad_detectors.tabular.neighbors import NeighborDetector


@dataclass(frozen=True, kw_only=True)
class KNNParameters(Parameters):
    """Parameters of `KNN`."""

    neighbors: int = option(5, "number of neighbours", low=1, high=1000)
    method: str = option(
        "largest", "which of their distances is the score", choices=("largest", "mean", "median")
    )
    scale: bool = option(True, "measure each feature in units of its normal range")
    reference: int = option(20_000, "training rows kept to compare with", low=10, high=1_000_000)
    seed: int = option(0, "seed of the choice of the rows that are kept", low=0, high=2**32 - 1)


class KNN(NeighborDetector):
    """Distance to the k-th nearest training row, or the mean or median distance to the k nearest.

    Idea: normal rows have others close by. Assumes that normal rows are about equally dense everywhere
    (`lof` does not) and that anomalies are not among the training rows in groups larger than k. Higher is
    farther away, in units of normal ranges (as they are, without `scale`). Agrees with PyOD's `KNN`, fitted
    to the same rows in the same units, to 1e-9. Fitting costs O(n · log² n); scoring finds the neighbours
    exactly in O(log n) per row for a few features and at most O(n · d).

    Tail probabilities come from the distance of each training row to the others, without itself and, of rows that
    hang together in their order, those around it.
    Contributions: the score, shared by the squared differences in each feature from the 20 nearest training rows;
    they add up to it.

    Parameters
    ----------
    neighbors : int, default 5
        Fewer where fewer other rows were trained on.
    method : {"largest", "mean", "median"}, default "largest"
    scale : bool, default True
        Divide each feature by the width of its normal range, its middle 99 %.
    reference : int, default 20,000
        Of more training rows so many are drawn and kept.
    seed : int, default 0

    Source
    ------
    Ramaswamy, Rastogi and Shim, Efficient algorithms for mining outliers from large data sets, SIGMOD 2000 (largest);
    Angiulli and Pizzuti, Fast outlier detection in high dimensional spaces, PKDD 2002 (mean).

    Examples
    --------
    >>> rows = [[0.0], [1.0], [2.0], [3.0]]
    >>> KNN(neighbors=2, scale=False).fit(rows).score([[1.0], [7.0]]).tolist()
    [1.0, 5.0]
    """

    name = "knn"
    parameters_type = KNNParameters
    parameters: KNNParameters

    def _fit(self, matrix: Floats) -> None:
        chosen = self.parameters
        self.__dict__.pop("_ranks", None)  # of an earlier fit
        self._keep(matrix, chosen.reference, chosen.seed, scale=chosen.scale)

    def _score(self, matrix: Floats) -> Floats:
        return neighbor_scores(*self._tree, matrix, *self._ranks)

    @cached_property
    def _ranks(self) -> tuple[int, int]:
        """The first and the last neighbour whose distances are averaged."""
        method, count = self.parameters.method, self._possible(self.parameters.neighbors)
        if method == "median":
            return (count + 1) // 2, count // 2 + 1
        return (1 if method == "mean" else count), count

    def _unseen_scores(self, matrix: Floats) -> Floats:
        first, last = self._ranks
        others = neighbors_apart(self._tree, self._kept, matrix, last)
        return np.concatenate([distances[:, first - 1 :].mean(axis=1) for distances, _ in others])

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        return 0.0, self._shares(matrix) * self._score(matrix)[:, None]
