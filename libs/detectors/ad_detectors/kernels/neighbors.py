"""The nearest of many points, found exactly by a tree of bounding boxes.

The points lie leaf after leaf, 64 in each. The leaves are joined into groups, each with its box, so that a
row skips whole groups and then leaves that are farther away than what it has found. Where it has to look, it
first estimates the distances to a whole leaf in single precision, which the processor does for eight points
at once, and computes exactly only what the estimate, with its largest possible error, leaves open.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import inlined, kernel
from ad_detectors.kernels.scaling import FARTHEST

LEAF = 64
"""Points in a leaf: whole vectors of single precision, however wide the processor makes them."""

ROUNDING = 2.0**-23
SMALLEST = 1e-36
DENSEST = 1e-10


class NeighborTree(NamedTuple):
    """Points and what finds them; made by `ad_detectors.tabular.neighbors.tree_of`.

    Attributes
    ----------
    frame : float64 of shape (5, d)
        What rows are divided by before they are compared with the points; then, in these units, the origin of
        the blocks, and what differences from it are multiplied by, so that no point is farther than 1; then what
        stands for a missing value, and the largest magnitude of a value, both in the units of rows.
    points : float64 of shape (n, d)
        In units of scale, leaf after leaf of 64 points; the last one may have fewer.
    blocks : float32 of shape (l, d + 1, 64)
        The points of each leaf, feature by feature, and below them half of their squared norms.
    boxes : float64 of shape (g + 1, 2, d, w)
        Lowest and highest values of the w leaves, a power of two, of each of g groups, g up to w; last those of
        the groups themselves. What is not there is infinitely far away.
    """

    frame: NDArray[np.float64]
    points: NDArray[np.float64]
    blocks: NDArray[np.float32]
    boxes: NDArray[np.float64]


class Space(NamedTuple):
    """Where one search after the other writes."""

    row: NDArray[np.float64]
    near: NDArray[np.float32]
    group_apart: NDArray[np.float64]
    leaf_apart: NDArray[np.float64]
    estimates: NDArray[np.float32]


@kernel
def space_for(frame: NDArray[np.float64], blocks: NDArray[np.float32], boxes: NDArray[np.float64]) -> Space:
    """Room for searches in a tree."""
    width, size = frame.shape[1], boxes.shape[3]
    estimates = np.empty(blocks.shape[2], np.float32)
    return Space(np.empty(width), np.empty(width, np.float32), np.empty(size), np.empty(size), estimates)


@inlined
def framed_row(given: NDArray[np.float64], frame: NDArray[np.float64], row: NDArray[np.float64]) -> None:
    """Write a row in units of scale, missing values filled; magnitudes stay up to 1e100."""
    for feature in range(len(row)):
        value = given[feature]
        if np.isnan(value):
            value = frame[3, feature]
        value = min(max(value, -frame[4, feature]), frame[4, feature])
        row[feature] = min(max(value / frame[0, feature], -FARTHEST), FARTHEST)


@inlined
def box_distances(row: NDArray[np.float64], boxes: NDArray[np.float64], found: NDArray[np.float64]) -> int:
    """Squared distances of a row to boxes of shape (2, d, w); returns which is the nearest."""
    for box in range(len(found)):
        found[box] = 0.0
    for feature in range(len(row)):
        value = row[feature]
        for box in range(len(found)):
            outside = max(boxes[0, feature, box] - value, value - boxes[1, feature, box], 0.0)
            found[box] += outside * outside
    nearest = 0
    for box in range(1, len(found)):
        if found[box] < found[nearest]:
            nearest = box
    return nearest


@inlined
def estimate(near: NDArray[np.float32], block: NDArray[np.float32], found: NDArray[np.float32]) -> None:
    """Half of the squared distance to each point of a leaf, less half of the row's squared norm.

    Four features at once, the odd ones first with the norms, and as many points as the compiler knows: measured.
    """
    width = len(near)
    odd = width % 4
    norms, first, second, third = block[width], block[0], block[min(1, width)], block[min(2, width)]
    one = near[0] if odd > 0 else np.float32(0.0)
    two = near[1] if odd > 1 else np.float32(0.0)
    three = near[2] if odd > 2 else np.float32(0.0)
    for slot in range(LEAF):
        found[slot] = norms[slot] - (one * first[slot] + two * second[slot] + three * third[slot])
    for feature in range(odd, width, 4):
        one, two, three, four = near[feature], near[feature + 1], near[feature + 2], near[feature + 3]
        first, second, third = block[feature], block[feature + 1], block[feature + 2]
        fourth = block[feature + 3]
        for slot in range(LEAF):
            found[slot] -= (
                one * first[slot] + two * second[slot] + (three * third[slot] + four * fourth[slot])
            )


@inlined
def estimate_limit(farthest: float, norm: float, width: int) -> np.float32:
    """The largest estimate that a point nearer than `farthest` can have; all three squared, in the unit.

    A sum of d products in single precision is wrong by at most d roundings of |row| · |point|, and |point| is at most
    |row| + distance.
    """
    doubt = (3.0 * width + 10.0) * ROUNDING
    return np.float32(0.5 * (farthest - norm) + doubt * (farthest + norm) + SMALLEST)


@inlined
def any_within(estimates: NDArray[np.float32], limit: np.float32) -> bool:
    """Whether a point may be near enough; an estimate that is no number may."""
    found = False
    for slot in range(len(estimates)):
        found |= not (estimates[slot] > limit)
    return found


@inlined
def insert(distances: NDArray[np.float64], ids: NDArray[np.int64], distance: float, point: int) -> None:
    """Put a point into the ascending list of the nearest; the last one drops out."""
    place = len(distances) - 1
    while place > 0 and distances[place - 1] > distance:
        distances[place], ids[place] = distances[place - 1], ids[place - 1]
        place -= 1
    distances[place], ids[place] = distance, point


@inlined
def look(
    points: NDArray[np.float64],
    start: int,
    row: NDArray[np.float64],
    estimates: NDArray[np.float32],
    limit: np.float32,
    square: float,
    norm: float,
    distances: NDArray[np.float64],
    ids: NDArray[np.int64],
) -> np.float32:
    """Put those points of a leaf into the list that are nearer than its last; returns the new limit."""
    for slot in range(min(len(estimates), len(points) - start)):
        if estimates[slot] > limit:
            continue
        distance = 0.0
        for feature in range(len(row)):
            apart = row[feature] - points[start + slot, feature]
            distance += apart * apart
        if distance < distances[-1]:
            insert(distances, ids, distance, start + slot)
            limit = estimate_limit(distances[-1] * square, norm, len(row))
    return limit


@kernel
def nearest(
    frame: NDArray[np.float64],
    points: NDArray[np.float64],
    blocks: NDArray[np.float32],
    boxes: NDArray[np.float64],
    given: NDArray[np.float64],
    space: Space,
    distances: NDArray[np.float64],
    ids: NDArray[np.int64],
) -> None:
    """Fill the ascending squared distances of the nearest points, and which they are.

    Groups and leaves are visited in the order `nearest ^ 0, nearest ^ 1, …`: what was split off last comes first.
    """
    row, near, estimates = space.row, space.near, space.estimates
    framed_row(given, frame, row)
    norm, unit = 0.0, frame[2, 0]
    for feature in range(len(row)):
        centred = (row[feature] - frame[1, feature]) * unit
        near[feature] = centred
        norm += centred * centred
    distances[:], ids[:] = np.inf, -1
    square, limit = unit * unit, np.float32(np.inf)
    width, size = boxes.shape[3], len(estimates)
    home = box_distances(row, boxes[-1], space.group_apart)
    for step in range(width):
        group = home ^ step
        if space.group_apart[group] < distances[-1]:
            first = box_distances(row, boxes[group], space.leaf_apart)
            for inner in range(width):
                place = first ^ inner
                if space.leaf_apart[place] < distances[-1]:
                    leaf = group * width + place
                    estimate(near, blocks[leaf], estimates)
                    if any_within(estimates, limit):
                        limit = look(points, leaf * size, row, estimates, limit, square, norm, distances, ids)


@kernel
def neighbor_lists(
    frame: NDArray[np.float64],
    points: NDArray[np.float64],
    blocks: NDArray[np.float32],
    boxes: NDArray[np.float64],
    rows: NDArray[np.float64],
    count: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Distances and numbers of the nearest points of each row, both of shape (n, count), nearest first."""
    distances, ids = np.empty((len(rows), count)), np.empty((len(rows), count), np.int64)
    space = space_for(frame, blocks, boxes)
    for at in range(len(rows)):
        nearest(frame, points, blocks, boxes, rows[at], space, distances[at], ids[at])
        for place in range(count):
            distances[at, place] = math.sqrt(distances[at, place])
    return distances, ids


@kernel
def neighbor_scores(
    frame: NDArray[np.float64],
    points: NDArray[np.float64],
    blocks: NDArray[np.float32],
    boxes: NDArray[np.float64],
    rows: NDArray[np.float64],
    first: int,
    last: int,
) -> NDArray[np.float64]:
    """The mean distance of each row to its neighbours number first to last, counted from 1."""
    scores, distances, ids = np.empty(len(rows)), np.empty(last), np.empty(last, np.int64)
    space = space_for(frame, blocks, boxes)
    for at in range(len(rows)):
        nearest(frame, points, blocks, boxes, rows[at], space, distances, ids)
        total = 0.0
        for place in range(first - 1, last):
            total += math.sqrt(distances[place])
        scores[at] = total / (last - first + 1)
    return scores


@kernel
def outlier_factors(
    frame: NDArray[np.float64],
    points: NDArray[np.float64],
    blocks: NDArray[np.float32],
    boxes: NDArray[np.float64],
    rows: NDArray[np.float64],
    around: NDArray[np.float64],
    count: int,
) -> NDArray[np.float64]:
    """The mean density around the neighbours of each row relative to that around the row itself.

    `around` has of each point the distance to its own farthest neighbour and its local reachability density, side by
    side, so that they come together.
    """
    factors, distances, ids = np.empty(len(rows)), np.empty(count), np.empty(count, np.int64)
    space = space_for(frame, blocks, boxes)
    for at in range(len(rows)):
        nearest(frame, points, blocks, boxes, rows[at], space, distances, ids)
        apart, density = 0.0, 0.0
        for place in range(count):
            apart += max(math.sqrt(distances[place]), around[ids[place], 0])
            density += around[ids[place], 1]
        factors[at] = density / count * (apart / count + DENSEST)
    return factors
