"""Minimum covariance determinant for rows of many features, from one start that is not random."""

import math
from statistics import NormalDist

import numpy as np

from ad_detectors.matrix import Floats

MOST_STEPS = 30
NORMAL_MAD = 1.4826
KEPT_SHARE = 0.975
EQUAL = 1e-9
SUBSET_ROWS, FEWEST_ROWS = 300, 500


def subsets_are_too_small(rows: int, features: int, support: int) -> bool:
    """Whether the subsets of about 300 rows in which scikit-learn searches first have no full covariance."""
    if rows <= FEWEST_ROWS:
        return False
    subset = rows // (rows // SUBSET_ROWS)
    return math.ceil(subset * support / rows) <= features


def deterministic_mcd(rows: Floats, support: int) -> tuple[Floats, Floats]:
    """Centre and whitening matrix of the rows that fit to the tightest `support` of them.

    The start are directions of the rows drawn to the unit sphere, where an outlier counts as much as any row, and
    robust spreads along them. Steps of concentration go on until the determinant falls no more; then all rows that
    fit to the tightest ones count.

    Parameters
    ----------
    rows : float64 of shape (n, d)
        Standardised.
    support : int

    Raises
    ------
    ValueError
        The tightest rows are equal.

    Source
    ------
    Hubert, Rousseeuw and Verdonck, A deterministic algorithm for robust location and scatter, Journal of
    Computational and Graphical Statistics 21, 2012 (of its six starts the one by spatial signs); Croux and Haesbroeck,
    Journal of Multivariate Analysis 71, 1999 (by how much the covariance is too small).
    """
    distances, last = first_distances(rows), math.inf
    for _ in range(MOST_STEPS):
        kept = rows[np.argpartition(distances, support - 1)[:support]]
        centre, found, determinant = moments(kept)
        if determinant >= last:
            break
        distances, last = _distances(rows, centre, found), determinant
    if np.ptp(kept, axis=0).max() < EQUAL:
        raise ValueError("the tightest rows are equal: their covariance is 0")
    dimensions = found.shape[1]
    share = support / len(rows)
    fitting = distances * too_narrow(share, dimensions) < chi_square_quantile(KEPT_SHARE, dimensions)
    # Far from normal, not even the tightest rows need fit by that measure.
    if fitting.sum() > support:
        share = KEPT_SHARE
        centre, found, _ = moments(rows[fitting])
    return centre, found * math.sqrt(too_narrow(share, dimensions))


def too_narrow(share: float, dimensions: int) -> float:
    """By how much the covariance of the tightest share of normal rows is too small, 1 for all of them."""
    if share >= 1.0:
        return 1.0
    return chi_square_share(chi_square_quantile(share, dimensions), dimensions + 2) / share


def chi_square_quantile(share: float, dimensions: int) -> float:
    """Below which this share of squared distances lies (Wilson and Hilferty 1931, close in many dimensions)."""
    spread = 2.0 / (9.0 * dimensions)
    return float(dimensions * (1.0 - spread + NormalDist().inv_cdf(share) * math.sqrt(spread)) ** 3)


def chi_square_share(value: float, dimensions: int) -> float:
    """The inverse of `chi_square_quantile`."""
    spread = 2.0 / (9.0 * dimensions)
    return NormalDist().cdf(((value / dimensions) ** (1.0 / 3.0) - 1.0 + spread) / math.sqrt(spread))


def moments(rows: Floats) -> tuple[Floats, Floats, float]:
    """Mean, whitening matrix and logarithm of the determinant of the covariance, where there is variance."""
    centre = rows.mean(axis=0)
    away = rows - centre
    found, variances = whitening(away.T @ away / len(rows))
    return centre, found, float(np.log(variances).sum())


def whitening(covariance: Floats) -> tuple[Floats, Floats]:
    """A matrix W with W Wᵀ = the pseudo-inverse of the covariance, without directions of no variance; the variances."""
    variances, directions = np.linalg.eigh(covariance)
    # The same limit as scipy.linalg.pinvh.
    kept = variances > len(variances) * np.finfo(np.float64).eps * np.abs(variances).max()
    return directions[:, kept] / np.sqrt(variances[kept]), variances[kept]


def first_distances(rows: Floats) -> Floats:
    """Squared distances of rows by the directions of their signs and the robust spreads along these."""
    away = rows - np.median(rows, axis=0)
    length = np.sqrt((away**2).sum(axis=1, keepdims=True))
    signs = np.divide(away, length, out=np.zeros_like(away), where=length > 0.0)
    _, directions = np.linalg.eigh(signs.T @ signs)
    along = away @ directions
    along -= np.median(along, axis=0)
    spread = NORMAL_MAD * np.median(np.abs(along), axis=0)
    usable = spread > 1e-9 * spread.max()
    return np.asarray(((along[:, usable] / spread[usable]) ** 2).sum(axis=1), np.float64)


def _distances(rows: Floats, centre: Floats, found: Floats) -> Floats:
    return np.asarray((((rows - centre) @ found) ** 2).sum(axis=1), np.float64)
