"""Nearest-neighbour novelty of one value among those that an entity showed before, in constant memory.

Known values are a sorted list that never forgets a region: when it is full, the closest pair loses one.
Novelties are counted in buckets of half an octave. The buckets are a window below the largest novelty, so
that a few dozen are enough; bucket 0 holds what lies below the window and what was no novelty at all.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

HALF_OCTAVE = math.sqrt(0.5)
HEADROOM = 8
FARTHEST_TAIL = 1e-3

Values = NDArray[np.float32]
Counts = NDArray[np.int16]


@kernel
def insert_position(known: Values, size: int, value: float) -> int:
    """The first position of the sorted values whose value is not smaller."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if known[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def nearest(known: Values, size: int, position: int, value: float) -> float:
    """The known value that is nearest; the lower one of two."""
    if position == size:
        return float(known[size - 1])
    if position == 0 or float(known[position]) - value < value - float(known[position - 1]):
        return float(known[position])
    return float(known[position - 1])


@kernel
def half_octave(novelty: float) -> tuple[int, float]:
    """The number of the half octave that a positive novelty lies in, and how far up in it, from 0 to 1."""
    mantissa, exponent = math.frexp(novelty)
    if mantissa >= HALF_OCTAVE:
        return 2 * exponent + 1, (mantissa - HALF_OCTAVE) / (1.0 - HALF_OCTAVE)
    return 2 * exponent, (mantissa - 0.5) / (HALF_OCTAVE - 0.5)


@kernel
def bucket_of(buckets: int, top: int, novelty: float) -> tuple[int, float]:
    """The bucket of a novelty, when the last one is the half octave `top`, and how far up in it."""
    if novelty <= 0.0:
        return 0, 0.0
    number, part = half_octave(novelty)
    bucket = number - top + buckets - 1
    if bucket < 1:
        return 0, 0.0
    if bucket >= buckets:
        return buckets - 1, 1.0
    return bucket, part


@kernel
def tail_probability(counts: Counts, top: int, seen: int, largest: float, novelty: float) -> float:
    """The conformal p-value of a novelty, (those at least as large + 1) / (all + 1); less beyond them all."""
    if novelty > largest:
        return max(largest / novelty, FARTHEST_TAIL) / (seen + 1)
    bucket, part = bucket_of(len(counts), top, novelty)
    if bucket == 0:
        return 1.0
    above = 0
    for other in range(bucket + 1, len(counts)):
        above += counts[other]
    return min(float((above + counts[bucket] * (1.0 - part) + 1.0) / (seen + 1)), 1.0)


@kernel
def radius_of(counts: Counts, top: int, seen: int, largest: float, probability: float) -> float:
    """The novelty whose tail probability this is: `tail_probability` read backwards."""
    if probability * (seen + 1) <= 1.0:
        return largest / max(probability * (seen + 1), FARTHEST_TAIL)
    allowed = probability * (seen + 1) - 1.0
    above = 0
    bucket = len(counts) - 1
    while bucket > 0 and above + counts[bucket] <= allowed:
        above += counts[bucket]
        bucket -= 1
    if bucket == 0:
        return 0.0
    part = 1.0 - (allowed - above) / counts[bucket]
    number = bucket + top - len(counts) + 1
    upper = number % 2
    low = HALF_OCTAVE if upper else 0.5
    high = 1.0 if upper else HALF_OCTAVE
    return min(math.ldexp(low + part * (high - low), (number - upper) // 2), largest)


@kernel
def remember(known: Values, size: int, position: int, value: float) -> int:
    """Insert a new value at its position; return the new size, always less than the room there is."""
    for place in range(size, position, -1):
        known[place] = known[place - 1]
    known[position] = value
    if size + 1 < len(known):
        return size + 1
    for place in range(crowded(known), size):
        known[place] = known[place + 1]
    return size


@kernel
def crowded(known: Values) -> int:
    """The value to give up: of the closest pair the one that leaves the smaller hole, never an end."""
    last = len(known) - 1
    right = 1
    for place in range(2, last + 1):
        if known[place] - known[place - 1] < known[right] - known[right - 1]:
            right = place
    left = right - 1
    if right == last:
        return left
    if left > 0 and known[right] - known[left - 1] < known[right + 1] - known[left]:
        return left
    return right


@kernel
def raised_top(counts: Counts, top: int, seen: int, novelty: float) -> int:
    """Move the window up to a novelty, but so that at most a tenth of what it holds falls out."""
    if novelty <= 0.0:
        return top
    number, _ = half_octave(novelty)
    if seen == counts[0]:
        return number + HEADROOM
    buckets = len(counts)
    shift = 0
    lost = 0
    while shift < number - top and shift + 1 < buckets:
        lost += counts[shift + 1]
        if 10 * lost > seen - counts[0]:
            break
        shift += 1
    if shift > 0:
        for place in range(1, shift + 1):
            counts[0] += counts[place]
        for place in range(1, buckets):
            counts[place] = counts[place + shift] if place + shift < buckets else 0
    return top + shift


@kernel
def count_novelty(counts: Counts, top: int, novelty: float, seen: int, history: int) -> int:
    """Count a novelty; return how many are counted. All counts are halved when there are too many."""
    bucket, _ = bucket_of(len(counts), top, novelty)
    counts[bucket] += 1
    if seen + 1 < history:
        return seen + 1
    total = 0
    for place in range(len(counts)):
        counts[place] >>= 1
        total += counts[place]
    return total
