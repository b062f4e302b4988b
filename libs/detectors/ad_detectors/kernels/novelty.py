"""Nearest-neighbour novelty of one value among those that an entity showed before, in constant memory.

Known values are a sorted list that never forgets a region: when it is full, the closest pair loses one.
Novelties are counted in buckets of half an octave, so that their whole history has its place.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

BUCKETS = 384
LOWEST_EXPONENT = -96
HALF_OCTAVE = math.sqrt(0.5)
FARTHEST_TAIL = 1e-3

Values = NDArray[np.float64]
Counts = NDArray[np.int32]


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
    if position == 0 or known[position] - value < value - known[position - 1]:
        return float(known[position])
    return float(known[position - 1])


@kernel
def bucket_of(novelty: float) -> tuple[int, float]:
    """The bucket of a novelty and how far up in it, from 0 to 1. Bucket 0 is for values seen before."""
    if novelty <= 0.0:
        return 0, 0.0
    mantissa, exponent = math.frexp(novelty)
    upper = 1 if mantissa >= HALF_OCTAVE else 0
    low = HALF_OCTAVE if upper else 0.5
    high = 1.0 if upper else HALF_OCTAVE
    bucket = 1 + 2 * (exponent - LOWEST_EXPONENT) + upper
    if bucket < 1:
        return 1, 0.0
    if bucket >= BUCKETS:
        return BUCKETS - 1, 1.0
    return bucket, (mantissa - low) / (high - low)


@kernel
def tail_probability(counts: Counts, seen: int, largest: float, novelty: float) -> float:
    """The conformal p-value of a novelty, (those at least as large + 1) / (all + 1); less beyond them all."""
    if novelty > largest:
        return max(largest / novelty, FARTHEST_TAIL) / (seen + 1)
    bucket, part = bucket_of(novelty)
    if bucket == 0:
        return 1.0
    above = 0
    for other in range(bucket + 1, BUCKETS):
        above += counts[other]
    return min(float((above + counts[bucket] * (1.0 - part) + 1.0) / (seen + 1)), 1.0)


@kernel
def radius_of(counts: Counts, seen: int, largest: float, level: float) -> float:
    """The novelty whose tail probability is `level`: `tail_probability` read backwards."""
    if level * (seen + 1) <= 1.0:
        return largest / (level * (seen + 1))
    allowed = level * (seen + 1) - 1.0
    above = 0
    bucket, _ = bucket_of(largest)
    while bucket > 0 and above + counts[bucket] <= allowed:
        above += counts[bucket]
        bucket -= 1
    if bucket == 0:
        return 0.0
    part = 1.0 - (allowed - above) / counts[bucket]
    upper = (bucket - 1) % 2
    low = HALF_OCTAVE if upper else 0.5
    high = 1.0 if upper else HALF_OCTAVE
    return min(math.ldexp(low + part * (high - low), (bucket - 1) // 2 + LOWEST_EXPONENT), largest)


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
def count_novelty(counts: Counts, novelty: float, seen: int, memory: int) -> int:
    """Count a novelty; return how many are counted. All counts are halved when there are too many."""
    bucket, _ = bucket_of(novelty)
    counts[bucket] += 1
    if seen + 1 < memory:
        return seen + 1
    total = 0
    for place in range(BUCKETS):
        counts[place] >>= 1
        total += counts[place]
    return total
