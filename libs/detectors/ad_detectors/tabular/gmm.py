"""Gaussian mixture: how small the density of a row is."""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.calibration.order import memory_of
from ad_detectors.errors import DataError
from ad_detectors.kernels.quadratic import mixture_parts, mixture_scores
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.refit import RefittedDetector
from ad_detectors.tabular.standard import fit_standard, in_units, take_standard


@dataclass(frozen=True, kw_only=True)
class GaussianMixtureParameters(Parameters):
    """Parameters of `GaussianMixture`."""

    components: int = option(1, "number of normal distributions", low=1, high=1000)
    seed: int = option(
        0, "seed of the first guess; the same seed gives the same scores", low=0, high=2**32 - 1
    )


class GaussianMixture(RefittedDetector):
    """Negative log density of a mixture of normal distributions, fitted by scikit-learn.

    Idea: a few normal distributions with full covariances are fitted by expectation maximisation; the score is
    -log of their joint density. Assumes that normal rows form that many elliptical clouds; one component is
    the classic Mahalanobis distance. Features are standardised before fitting, so that units do not matter
    (1e-6 is added to each variance there). The scores are those of PyOD's GMM on standardised rows, to 1e-9,
    plus the logarithms of the standard deviations. Fitting costs O(components · n · d²) up to a hundred
    times, scoring O(components · d²) per row.

    Tail probabilities come from the density that each training row has without its own part in the components, or, of
    rows that hang together in their order, from fits to the other ones.
    Contributions: the squared Mahalanobis distance of a component is a sum over the features; the sums, weighted
    by the shares of the components in the density of the row and scaled, add up to `score - baseline`. The
    baseline is the score of a row that lay in all centres.

    Parameters
    ----------
    components : int, default 1
        Number of normal distributions; no more than there are different training rows.
    seed : int, default 0

    Source
    ------
    Dempster, Laird and Rubin, Maximum Likelihood from Incomplete Data via the EM Algorithm, 1977; Aggarwal,
    Outlier Analysis, 2017, section 2.4.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(1).normal(size=(500, 1))
    >>> two_modes = np.vstack([noise - 5.0, noise + 5.0])
    >>> inside, between = GaussianMixture(components=2).fit(two_modes).score([[5.0], [0.0]])
    >>> bool(inside < between)
    True
    """

    name = "gmm"
    parameters_type = GaussianMixtureParameters
    parameters: GaussianMixtureParameters

    def _fit(self, matrix: Floats) -> None:
        from sklearn.mixture import GaussianMixture as Mixture

        self._standard, rows = fit_standard(matrix)
        components = min(self.parameters.components, len(np.unique(rows, axis=0)))
        # scikit-learn wants two rows; the same row twice changes nothing.
        rows = np.repeat(rows, 2, axis=0) if len(rows) == 1 else rows
        mixture = Mixture(components, random_state=self.parameters.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # not converged after a hundred steps is near enough
            mixture.fit(rows)
        self._centres = np.ascontiguousarray(mixture.means_)
        self._whitenings = np.ascontiguousarray(mixture.precisions_cholesky_)
        self._weights = np.ascontiguousarray(mixture.weights_)
        self._use()

    def _use(self) -> None:
        diagonals = np.diagonal(self._whitenings, axis1=1, axis2=2)
        width = diagonals.shape[1]
        heights = np.log(diagonals).sum(axis=1) - np.log(self._standard[1]).sum()
        peaks = heights - 0.5 * width * math.log(2.0 * math.pi) + np.log(self._weights)
        self._scorer = *in_units(self._standard, self._centres, self._whitenings), peaks

    def _score(self, matrix: Floats) -> Floats:
        return mixture_scores(matrix, *self._scorer)

    def _unseen_scores(self, matrix: Floats) -> Floats | None:
        """Each row scored by the mixture without what it added to weights, means and covariances.

        Where rows hang together with those around them, by mixtures without these.
        """
        rows, width = matrix.shape
        if rows == 1 or memory_of(matrix):
            return super()._unseen_scores(matrix)
        squared = self._squared_distances(matrix)
        dense = self._scorer[-1] - 0.5 * squared
        own = np.exp(dense - np.logaddexp.reduce(dense, axis=1, keepdims=True))
        total = np.maximum(self._weights * rows, np.finfo(np.float64).tiny)
        others = np.maximum(total - own, 1e-9 * total)
        # The covariance loses a matrix of rank 1: its inverse and its determinant follow by Sherman and Morrison.
        kept = np.maximum(1.0 - own * squared / others, 1e-9)
        stranger = (
            squared * (total / others / kept - 1.0) + np.log(kept) + (width + 2.0) * np.log(total / others)
        )
        found: Floats = -np.logaddexp.reduce(dense - 0.5 * stranger, axis=1) - math.log(rows / (rows - 1.0))
        return found

    def _squared_distances(self, matrix: Floats) -> Floats:
        """Squared Mahalanobis distances of rows from the components: (n, k)."""
        origin, shifts, whitenings, _ = self._scorer
        parts = zip(shifts, whitenings, strict=True)
        found = [(((matrix - origin - shift) @ whitening) ** 2).sum(axis=1) for shift, whitening in parts]
        return np.stack(found, axis=1)

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        peaks = self._scorer[-1]
        baseline = -float(peaks.max() + np.log(np.exp(peaks - peaks.max()).sum()))
        parts = mixture_parts(matrix, *self._scorer)
        total = parts.sum(axis=1)
        ratio = np.divide(self._score(matrix) - baseline, total, out=np.ones_like(total), where=total > 0.0)
        return baseline, parts * ratio[:, None]

    def _to_arrays(self) -> Arrays:
        return {
            "standard": self._standard,
            "centres": self._centres,
            "whitenings": self._whitenings,
            "weights": self._weights,
        }

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        width = len(self.feature_names)
        self._standard = take_standard(arrays, width)
        self._weights = take(arrays, "weights", np.float64, (None,))
        parts = len(self._weights)
        self._centres = take(arrays, "centres", np.float64, (parts, width))
        self._whitenings = take(arrays, "whitenings", np.float64, (parts, width, width))
        diagonals = np.diagonal(self._whitenings, axis1=1, axis2=2)
        finite = np.isfinite(self._centres).all() and np.isfinite(self._whitenings).all()
        if not finite or parts == 0 or not (diagonals > 0).all() or not (self._weights > 0).all():
            raise DataError("the mixture arrays are damaged: weights and scales must be above 0")
        self._use()
