"""PSI: the population stability index of each feature."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.drift.window import Kind, WindowDriftDetector
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option


@dataclass(frozen=True, kw_only=True)
class PSIParameters(Parameters):
    """Parameters of `PSI`."""

    bins: int = option(10, "bins of equal share of the reference", low=2, high=1_000)
    threshold: float = option(0.2, "index from which a change is large enough to be a drift", low=0, high=1e6)
    alpha: float = option(
        0.01, "share of features named wrongly, at most, of those named", low=1e-12, high=0.5
    )


class PSI(WindowDriftDetector):
    """Population stability index: the sum over bins of (q - p) · ln(q / p) for the shares p and q.

    Idea: bins of equal share of the reference; missing values are a bin of their own, and so is each value
    that is so frequent that it fills a bin. A feature drifts when its index is at least `threshold` (the
    change is large) and the index would rarely be as large without a change (it is no chance): without
    one, index / (1/n + 1/m) follows a chi-squared distribution with one degree of freedom less than bins.
    Half a row is added to each bin, so an empty one does no harm.

    Assumes independent rows. Sees changes of every kind, but not where in a bin values are.
    Fitting costs O(n · log n) per feature, comparing O(m · log bins).

    Parameters
    ----------
    bins : int, default 10
    threshold : float, default 0.2
    alpha : float, default 0.01

    Source
    ------
    Siddiqi, Credit Risk Scorecards, 2006, chapter 11; Yurdakul, Statistical properties of population
    stability index, 2018 (its distribution).

    Examples
    --------
    >>> import numpy as np
    >>> generator = np.random.default_rng(0)
    >>> detector = PSI().fit(generator.normal(size=(2000, 2)))
    >>> detector.compare(generator.normal(loc=[0, 1], size=(500, 2))).drifted
    ('f1',)
    """

    name = "psi"
    title = "PSI"
    parameters_type = PSIParameters
    parameters: PSIParameters

    @property
    def _alpha(self) -> float:
        return self.parameters.alpha

    @property
    def _threshold(self) -> float:
        return self.parameters.threshold

    def _fit(self, matrix: Floats) -> dict[str, NDArray[Any]]:
        cuts = np.full((matrix.shape[1], 2 * self.parameters.bins), np.inf)
        for feature, column in enumerate(matrix.T):
            own = bin_cuts(column[~np.isnan(column)], self.parameters.bins)
            cuts[feature, : len(own)] = own
        return {"cuts": cuts, "counts": bin_counts(matrix, cuts)}

    def _own_types(self, width: int) -> dict[str, Kind]:
        cuts = 2 * self.parameters.bins
        return {"cuts": (np.float64, (width, cuts)), "counts": (np.int64, (width, cuts + 2))}

    def _compare(self, matrix: Floats) -> tuple[Floats, Floats]:
        arrays = self.to_arrays()
        old, new = arrays["counts"], bin_counts(matrix, arrays["cuts"])
        index = stability_index(old, new)
        freedom = ((old + new) > 0).sum(axis=1) - 1
        scaled = index / (1.0 / arrays["rows"][0] + 1.0 / len(matrix))
        tails = [chi_squared_tail(x, k) for x, k in zip(scaled.tolist(), freedom.tolist(), strict=True)]
        return index, np.array(tails)


def stability_index(old: NDArray[np.int64], new: NDArray[np.int64]) -> Floats:
    """The index of each feature: rows per feature and bin, before and now."""
    used = (old + new) > 0
    p, q = smoothed_shares(old, used), smoothed_shares(new, used)
    index: Floats = np.where(used, (q - p) * np.log(q / p), 0.0).sum(axis=1)
    return index


def chi_squared_tail(value: float, freedom: int) -> float:
    """The probability that a chi-squared variable is at least this large: the finite sum for whole degrees."""
    half = 0.5 * value
    if half <= 0.0 or freedom < 1:
        return 1.0
    odd = freedom % 2
    total = math.erfc(math.sqrt(half)) if odd else 0.0
    for term in range(freedom // 2):
        power = term + 0.5 * odd
        total += math.exp(power * math.log(half) - half - math.lgamma(power + 1.0))
    return min(max(total, 1e-300), 1.0)


def bin_cuts(values: Floats, bins: int) -> Floats:
    """Ascending cuts; a value belongs to the bin behind the last cut that is not greater than it.

    A value that fills a bin alone has a cut at itself and one right after it.
    """
    if len(values) == 0:
        return np.zeros(0)
    edges, times = np.unique(
        np.quantile(values, np.arange(1, bins) / bins, method="inverted_cdf"), return_counts=True
    )
    filled = np.array([(values == edge).mean() >= 1.0 / bins for edge in edges]) | (times > 1)
    return np.unique(np.concatenate([edges, np.nextafter(edges[filled], np.inf)]))


def bin_counts(matrix: Floats, cuts: Floats) -> NDArray[np.int64]:
    """Rows per feature and bin, the missing ones in the last."""
    counts = np.zeros((matrix.shape[1], cuts.shape[1] + 2), np.int64)
    for feature, column in enumerate(matrix.T):
        present = column[~np.isnan(column)]
        places = np.searchsorted(cuts[feature], present, side="right")
        counts[feature, :-1] = np.bincount(places, minlength=cuts.shape[1] + 1)
        counts[feature, -1] = len(column) - len(present)
    return counts


def smoothed_shares(counts: NDArray[np.int64], used: NDArray[np.bool_]) -> Floats:
    """The share of each bin in use with half a row more in each; 1 for the others."""
    more = counts + 0.5
    totals = np.where(used, more, 0.0).sum(axis=1, keepdims=True)
    return np.where(used, more / totals, 1.0)
