"""The two-sample Kolmogorov-Smirnov test of each feature."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.drift.window import Kind, WindowDriftDetector
from ad_detectors.kernels.kswin import ks_probability
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option

KEPT = 8192
"""Reference values that are kept per feature, evenly spaced in their order: the distance is exact to 1e-4."""


@dataclass(frozen=True, kw_only=True)
class KSParameters(Parameters):
    """Parameters of `KS`."""

    threshold: float = option(
        0.1, "distance from which a change is large enough to be a drift", low=0, high=1
    )
    alpha: float = option(
        0.01, "share of features named wrongly, at most, of those named", low=1e-12, high=0.5
    )


class KS(WindowDriftDetector):
    """The largest distance between the distribution functions of a window and of the reference.

    Idea: a feature drifts when the distance is at least `threshold` (the change is large) and rarely as
    large without a change (it is no chance). Missing values count as greater than all others, so a change of
    their share is seen as well.

    Assumes independent rows; with ties the probability is an upper bound. Sees changes of every kind, those in
    the middle of the distribution better than those in its tails.
    Fitting costs O(n · log n) per feature, comparing O(m · log m + 8192).

    Parameters
    ----------
    threshold : float, default 0.1
    alpha : float, default 0.01

    Source
    ------
    Smirnov 1939; Stephens 1970 (the distance's distribution in small samples).

    Examples
    --------
    >>> import numpy as np
    >>> generator = np.random.default_rng(0)
    >>> detector = KS().fit(generator.normal(size=(2000, 2)))
    >>> detector.compare(generator.normal(loc=[0, 1], size=(500, 2))).drifted
    ('f1',)
    """

    name = "ks"
    title = "Kolmogorov-Smirnov"
    parameters_type = KSParameters
    parameters: KSParameters

    @property
    def _alpha(self) -> float:
        return self.parameters.alpha

    @property
    def _threshold(self) -> float:
        return self.parameters.threshold

    def _fit(self, matrix: Floats) -> dict[str, NDArray[Any]]:
        ordered = np.sort(matrix.T, axis=1)  # NaN is last
        count = ordered.shape[1]
        if count > KEPT:
            ordered = ordered[:, np.linspace(0, count - 1, KEPT).round().astype(np.int64)]
        return {"ordered": np.ascontiguousarray(ordered)}

    def _own_types(self, width: int) -> dict[str, Kind]:
        return {"ordered": (np.float64, (width, None))}

    def _compare(self, matrix: Floats) -> tuple[Floats, Floats]:
        arrays = self.to_arrays()
        pairs = zip(arrays["ordered"], np.sort(matrix.T, axis=1), strict=True)
        distances = np.array([distance(old, new) for old, new in pairs])
        return distances, np.array(
            [ks_probability(float(d), int(arrays["rows"][0]), len(matrix)) for d in distances]
        )


def distance(first: Floats, second: Floats) -> float:
    """The largest distance of the distribution functions of two sorted samples, NaN being the greatest value."""
    both = np.concatenate([first, second])
    shares = [np.searchsorted(sample, both, side="right") / len(sample) for sample in (first, second)]
    return float(np.abs(shares[0] - shares[1]).max())
