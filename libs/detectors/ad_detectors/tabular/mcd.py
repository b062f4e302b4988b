"""Minimum covariance determinant: Mahalanobis distance from a robust centre."""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, Detector, take
from ad_detectors.errors import DataError
from ad_detectors.kernels.quadratic import squared_distances, squared_parts
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.robust import deterministic_mcd, subsets_are_too_small, whitening
from ad_detectors.tabular.standard import fit_standard, in_units, take_standard


@dataclass(frozen=True, kw_only=True)
class MCDParameters(Parameters):
    """Parameters of `MCD`."""

    support: float = option(
        0.0, "share of the rows that the first estimate rests on; 0 means (n + d + 1) / 2 rows", low=0, high=1
    )
    seed: int = option(
        0, "seed of the random first estimates; the same seed gives the same scores", low=0, high=2**32 - 1
    )


class MCD(Detector):
    """Squared Mahalanobis distance with the minimum covariance determinant, fitted by scikit-learn.

    Idea: of all subsets of about half of the rows, the one whose covariance has the smallest determinant holds
    no outliers; its mean and covariance, re-estimated from all rows that fit to it, measure the distance.
    Assumes one elliptical cloud of normal rows; nearly half of the training rows may be outliers. Features are
    standardised first, which changes no distance. The scores are those of PyOD's MCD with the same seed, to
    1e-9, up to some 150 features: with more, the subsets of about 300 rows that are searched first, where there are
    more than 500 rows, would have fewer rows than features, and a start that is not random takes their place.
    Directions in which the training rows do not vary are left out, but another value of a feature that
    was constant stands out. Where no subset can be found (few rows, or most of them equal), the covariance of
    all rows takes its place. Fitting costs O(n · d²) some hundred times, scoring O(d²) per row.

    Contributions: the value of a feature, from the centre, times its row of the precision matrix. They add up
    to the score, the baseline being 0; a feature that makes up for others has a negative one.

    Parameters
    ----------
    support : float, default 0
        Share of the rows; 0 means the smallest that is safe.
    seed : int, default 0

    Source
    ------
    Rousseeuw and Van Driessen, A Fast Algorithm for the Minimum Covariance Determinant Estimator,
    Technometrics 41, 1999; Hardin and Rocke 2004 (outliers by it).

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.random.default_rng(1).normal(size=(500, 2))
    >>> detector = MCD(seed=1).fit(rows)
    >>> ordinary, strange = detector.score([[0.0, 0.0], [6.0, 0.0]])
    >>> bool(ordinary < 1.0 < 20.0 < strange)
    True
    """

    name = "mcd"
    parameters_type = MCDParameters
    parameters: MCDParameters

    def _fit(self, matrix: Floats) -> None:
        self._standard, rows = fit_standard(matrix)
        self._centre, whitening = self._robust(rows)
        constant = np.flatnonzero(~rows.any(axis=0))
        self._whitening = np.hstack([whitening, np.eye(rows.shape[1])[:, constant]])
        self._use()

    def _use(self) -> None:
        self._scorer = in_units(self._standard, self._centre[None], self._whitening[None])

    def _robust(self, rows: Floats) -> tuple[Floats, Floats]:
        """Centre and whitening matrix."""
        count, features = rows.shape
        smallest = math.ceil((count + features + 1) / 2)
        if smallest >= count:
            return _classic(rows)
        support = int(self.parameters.support * count) or smallest
        search = deterministic_mcd if subsets_are_too_small(count, features, support) else self._random_mcd
        try:
            return search(rows, support)
        except ValueError:
            # Most rows are equal: the covariance of the subset is 0.
            return _classic(rows)

    def _random_mcd(self, rows: Floats, support: int) -> tuple[Floats, Floats]:
        from sklearn.covariance import MinCovDet

        del support  # scikit-learn counts for itself
        robust = MinCovDet(
            support_fraction=self.parameters.support or None, random_state=self.parameters.seed
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a covariance without full rank, which is no problem here
            robust.fit(rows)
        return robust.location_, whitening(robust.covariance_)[0]

    def _score(self, matrix: Floats) -> Floats:
        return squared_distances(matrix, *self._scorer)

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        return 0.0, squared_parts(matrix, *self._scorer)

    def _to_arrays(self) -> Arrays:
        return {"standard": self._standard, "centre": self._centre, "whitening": self._whitening}

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        features = len(self.feature_names)
        self._standard = take_standard(arrays, features)
        self._centre = take(arrays, "centre", np.float64, (features,))
        self._whitening = take(arrays, "whitening", np.float64, (features, None))
        if not (np.isfinite(self._centre).all() and np.isfinite(self._whitening).all()):
            raise DataError("the arrays of centre and covariance are damaged: they must be finite")
        self._use()


def _classic(rows: Floats) -> tuple[Floats, Floats]:
    """Mean of all rows, and the same of their covariance."""
    centre = rows.mean(axis=0)
    _, lengths, directions = np.linalg.svd(rows - centre, full_matrices=False)
    kept = lengths > max(rows.shape) * np.finfo(np.float64).eps * lengths.max()
    return centre, directions[kept].T * (math.sqrt(len(rows)) / lengths[kept])
