"""Which hypersphere covers a row: all spheres of all samples at once."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.scaling import scaled_row


@kernel
def sphere_distances(
    row: NDArray[np.float64], centers: NDArray[np.float64], apart: NDArray[np.float64]
) -> None:
    """Write the squared distances of a row to all centres."""
    for sphere in range(len(apart)):
        apart[sphere] = 0.0
    for feature in range(len(row)):
        value = row[feature]
        for sphere in range(len(apart)):
            difference = value - centers[feature, sphere]
            apart[sphere] += difference * difference


@kernel
def covering(apart: NDArray[np.float64], radii: NDArray[np.float64]) -> int:
    """The smallest sphere of a sample that covers the row; -1 where none does."""
    for place in range(len(radii)):
        if apart[place] <= radii[place]:
            return place
    return -1


@kernel
def sphere_scores(
    rows: NDArray[np.float64],
    scale: NDArray[np.float64],
    centers: NDArray[np.float64],
    radii: NDArray[np.float64],
    ratios: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The mean over the samples of the ratio of the smallest sphere that covers the row, 1 where none does.

    `centers` is of shape (d, t · s), `radii` (squared, ascending within a sample) and `ratios` of shape (t, s).
    """
    samples, size = radii.shape
    scores, row, apart = np.empty(len(rows)), np.empty(rows.shape[1]), np.empty(samples * size)
    for at in range(len(rows)):
        scaled_row(rows[at], scale, row)
        sphere_distances(row, centers, apart)
        total = 0.0
        for sample in range(samples):
            place = covering(apart[sample * size : (sample + 1) * size], radii[sample])
            total += ratios[sample, place] if place >= 0 else 1.0
        scores[at] = total / samples
    return scores


@kernel
def sphere_contributions(
    rows: NDArray[np.float64],
    scale: NDArray[np.float64],
    centers: NDArray[np.float64],
    radii: NDArray[np.float64],
    ratios: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The ratio of each sample, shared by the squared differences from the centre of the sphere.

    Where no sphere covers the row, from the nearest centre; on a centre the features share equally.
    """
    samples, size = radii.shape
    parts, row, apart = np.zeros(rows.shape), np.empty(rows.shape[1]), np.empty(samples * size)
    for at in range(len(rows)):
        scaled_row(rows[at], scale, row)
        sphere_distances(row, centers, apart)
        for sample in range(samples):
            own = apart[sample * size : (sample + 1) * size]
            place = covering(own, radii[sample])
            ratio = ratios[sample, place] if place >= 0 else 1.0
            place = place if place >= 0 else int(np.argmin(own))
            for feature in range(len(row)):
                difference = row[feature] - centers[feature, sample * size + place]
                share = difference / own[place] * difference if own[place] > 0.0 else 1.0 / len(row)
                parts[at, feature] += ratio / samples * share
    return parts
