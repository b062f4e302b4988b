"""The tail of an entity's raw scores in constant memory, read as conformal p-values.

Raw scores are counted in buckets of a sixteenth of an octave. A score shares the probability of all that lies
in its bucket or above, so ties and grain can only make it less surprising, never more.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

BUCKETS = 128
PER_OCTAVE = 16
LOWEST_EXPONENT = -1
FARTHEST_TAIL = 1e-6
FORGOTTEN = 1.0 / 16.0
FIRST_HALVING = 64

Counts = NDArray[np.float32]


@kernel
def bucket_of(raw: float) -> int:
    """The bucket of a raw score: 0 for those below 1/4, the last for those from 60 on."""
    if raw <= 0.0:
        return 0
    mantissa, exponent = math.frexp(raw)
    bucket = 1 + PER_OCTAVE * (exponent - LOWEST_EXPONENT) + int((mantissa - 0.5) * 2 * PER_OCTAVE)
    return min(max(bucket, 0), BUCKETS - 1)


@kernel
def upper_edge(bucket: int) -> float:
    """The raw score at which the next bucket starts; the last has no end."""
    if bucket == BUCKETS - 1:
        return math.inf
    octave, part = (bucket - 1) // PER_OCTAVE, (bucket - 1) % PER_OCTAVE
    return math.ldexp(0.5 + (part + 1) / (2 * PER_OCTAVE), octave + LOWEST_EXPONENT)


@kernel
def tail_probability(counts: Counts, total: float, largest: float, raw: float) -> float:
    """The p-value of a raw score, (those as large + 1) / (all + 1); beyond them all it falls with the square.

    The square is what the tail of noise with finite variance has at least.
    """
    if raw > largest:
        ratio = largest / raw
        return max(ratio * ratio, FARTHEST_TAIL) / (total + 1.0)
    above = 0.0
    for bucket in range(bucket_of(raw), bucket_of(largest) + 1):
        above += counts[bucket]
    return min((above + 1.0) / (total + 1.0), 1.0)


@kernel
def radius_of(counts: Counts, total: float, largest: float, level: float) -> float:
    """The largest raw score whose p-value is not below `level`; NaN before any was counted."""
    if total == 0.0:
        return math.nan
    allowed = level * (total + 1.0)
    if allowed <= 1.0:
        return largest / math.sqrt(allowed)
    bucket = bucket_of(largest)
    above = float(counts[bucket])
    while bucket > 0 and above + 1.0 < allowed:
        bucket -= 1
        above += counts[bucket]
    return min(upper_edge(bucket), largest)


@kernel
def halving_due(rows: int, total: float, history: int) -> bool:
    """Whether all counts are to lose half: when `history` are held, and with every doubling of the rows.

    A detector's first scores are those of one that still learns: they weigh less and less from early on.
    """
    return total >= history or (rows >= FIRST_HALVING and rows & (rows - 1) == 0)


@kernel
def count_raw(counts: Counts, total: float, largest: float, raw: float) -> tuple[float, float]:
    """Count a raw score; return the new total and the largest."""
    counts[bucket_of(raw)] += np.float32(1.0)
    return total + 1.0, max(largest, raw)


@kernel
def halve(counts: Counts, largest: float) -> tuple[float, float]:
    """Take half of every count; return the new total and the largest raw score still known of.

    A bucket that has lost nearly all is emptied, so that a single outlier does not set the scale for ever.
    """
    total = 0.0
    highest = 0
    for bucket in range(BUCKETS):
        half = counts[bucket] * np.float32(0.5)
        counts[bucket] = half if half >= FORGOTTEN else np.float32(0.0)
        total += counts[bucket]
        if counts[bucket] > 0.0:
            highest = bucket
    return total, min(largest, upper_edge(highest))
