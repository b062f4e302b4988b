"""Isolation by nearest-neighbour ensembles: anomalies lie outside of, or in large, hyperspheres of small samples."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, Detector, take
from ad_detectors.calibration.order import memory_of
from ad_detectors.errors import DataError
from ad_detectors.kernels.inne import sphere_contributions, sphere_scores
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.scaling import scale_of, scaled, usable

EPSILON = float(np.finfo(np.float64).eps)
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class INNEParameters(Parameters):
    """Parameters of `INNE`."""

    estimators: int = option(200, "number of samples", low=1, high=10_000)
    sample: int = option(8, "training rows drawn for each sample", low=2, high=1024)
    scale: bool = option(True, "measure each feature in units of its normal range")
    seed: int = option(0, "seed of the samples; the same seed gives the same scores", low=0, high=2**32 - 1)


class INNE(Detector):
    """Isolation by nearest-neighbour ensembles, drawn as PyOD draws them and scored by our own kernel.

    Idea: each row of a small sample is the centre of a hypersphere that reaches to its nearest neighbour in the
    sample. A new row belongs to the smallest sphere that covers it and gets 1 - (radius of the neighbour's
    sphere / radius of this one), or 1 where none covers it; the score is the mean over all samples, from 0
    to 1. Finds global and local anomalies. Assumes that anomalies are few: a sample must seldom hold one. What lies
    outside of all spheres scores 1, however far away. Agrees with PyOD's `INNE` of the same seed, fitted to
    the same rows in the same units, to 1e-9. Fitting costs O(estimators · (n + sample² · d)), scoring
    O(estimators · sample · d) per row.

    Tail probabilities come from the samples that a training row is not in, nor one of those around it where rows hang
    together in their order.
    Contributions: what each sample adds to the score, shared by the squared differences from the centre of the
    sphere; they add up to the score.

    Parameters
    ----------
    estimators : int, default 200
    sample : int, default 8
        Fewer where there are fewer training rows.
    scale : bool, default True
        Divide each feature by the width of its normal range, its middle 99 %.
    seed : int, default 0

    Source
    ------
    Bandaragoda et al., Isolation-based anomaly detection using nearest-neighbor ensembles, Computational
    Intelligence 34, 2018, section 4.

    Examples
    --------
    >>> rows = np.random.default_rng(1).normal(size=(500, 2))
    >>> ordinary, strange = INNE().fit(rows).score([[0.0, 0.0], [0.0, 9.0]])
    >>> bool(ordinary < 0.5), float(strange)
    (True, 1.0)
    """

    name = "inne"
    parameters_type = INNEParameters
    parameters: INNEParameters

    def _fit(self, matrix: Floats) -> None:
        chosen = self.parameters
        self._scale = scale_of(matrix, self.bounds, scale=chosen.scale)
        points = scaled(matrix, self._scale)
        size = min(chosen.sample, len(points))
        seeds = np.random.RandomState(chosen.seed).randint(LARGEST_SEED, size=chosen.estimators)
        self._drawn = np.stack(
            [np.random.RandomState(seed).choice(len(points), size, replace=False) for seed in seeds]
        )
        spheres = [_spheres(points[rows]) for rows in self._drawn]
        centers, radii, ratios = (np.stack(parts) for parts in zip(*spheres, strict=True))
        self._use(np.ascontiguousarray(centers.reshape(-1, matrix.shape[1]).T), radii, ratios)

    def _use(self, centers: Floats, radii: Floats, ratios: Floats) -> None:
        self._centers, self._radii, self._ratios = centers, radii, ratios

    def _score(self, matrix: Floats) -> Floats:
        return sphere_scores(matrix, self._scale, self._centers, self._radii, self._ratios)

    def _unseen_scores(self, matrix: Floats) -> Floats:
        memory, rows = memory_of(matrix), len(matrix)
        total, samples = np.zeros(rows), np.zeros(rows)
        for sample, drawn in enumerate(self._drawn):
            apart = np.ones(rows, np.bool_)
            for row in drawn:
                apart[max(row - memory, 0) : row + memory + 1] = False
            total += np.where(apart, self._scores_by(matrix, sample), 0.0)
            samples += apart
        return np.where(samples > 0, total / np.maximum(samples, 1.0), self._score(matrix))

    def _scores_by(self, matrix: Floats, sample: int) -> Floats:
        size = self._radii.shape[1]
        centers = np.ascontiguousarray(self._centers[:, sample * size : (sample + 1) * size])
        only = slice(sample, sample + 1)
        return sphere_scores(matrix, self._scale, centers, self._radii[only], self._ratios[only])

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        parts = sphere_contributions(matrix, self._scale, self._centers, self._radii, self._ratios)
        return 0.0, parts

    def _to_arrays(self) -> Arrays:
        return {"scale": self._scale, "centers": self._centers, "radii": self._radii, "ratios": self._ratios}

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        features = len(self.feature_names)
        self._scale = usable(take(arrays, "scale", np.float64, (features,)))
        radii = take(arrays, "radii", np.float64, (None, None))
        if not radii.size:
            raise DataError("array 'radii' is damaged: there must be at least one sphere")
        ratios = take(arrays, "ratios", np.float64, radii.shape)
        centers = take(arrays, "centers", np.float64, (features, radii.size))
        if not (np.isfinite(centers).all() and np.isfinite(ratios).all() and (radii >= 0.0).all()):
            raise DataError("the arrays of the spheres are damaged: they must be finite, no radius below 0")
        self._use(centers, radii, ratios)


def _spheres(centers: Floats) -> tuple[Floats, Floats, Floats]:
    """Centres, squared radii and ratios of a sample, the smallest spheres first."""
    apart = ((centers[:, None] - centers) ** 2).sum(axis=2)
    if len(centers) > 1:
        np.fill_diagonal(apart, np.inf)
    radii, neighbor = apart.min(axis=1), apart.argmin(axis=1)
    ratios = 1.0 - (radii[neighbor] + EPSILON) / (radii + EPSILON)
    order = np.argsort(radii, kind="stable")
    return centers[order], radii[order], ratios[order]
