"""The period of a short series, by its autocorrelation."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

SHORTEST = 3
LOWEST_CORRELATION = 0.5
AS_GOOD = 0.9

Floats = NDArray[np.float64]


@kernel
def correlation(series: Floats, lag: int, variance: float) -> float:
    """The mean product of values `lag` apart, over the variance; the series has mean 0."""
    total = 0.0
    for place in range(len(series) - lag):
        total += series[place] * series[place + lag]
    return total / (len(series) - lag) / variance


@kernel
def find_period(series: Floats) -> int:
    """The period in places, 0 for none.

    A period is a peak of the autocorrelation of at least one half, at up to half of the length; of peaks
    that are nearly as good as the highest the first, since multiples of a period correlate as well.
    The series is changed: its mean is taken off.
    """
    series -= series.mean()
    variance = 0.0
    for value in series:
        variance += value * value / len(series)
    longest = len(series) // 2
    if not 0.0 < variance < np.inf or longest < SHORTEST:
        return 0
    found = np.empty(longest + 1)
    for lag in range(longest + 1):
        found[lag] = correlation(series, lag, variance)
    best = LOWEST_CORRELATION
    for lag in range(SHORTEST, longest):
        if found[lag - 1] < found[lag] >= found[lag + 1]:
            best = max(best, found[lag])
    for lag in range(SHORTEST, longest):
        if found[lag - 1] < found[lag] >= found[lag + 1] and found[lag] > max(
            AS_GOOD * best, LOWEST_CORRELATION
        ):
            return refined(found, lag)
    return 0


@kernel
def refined(found: Floats, lag: int) -> int:
    """The period more exactly: the peak at its largest multiple, by which it was multiplied."""
    times = max((len(found) - 1 - lag // 2) // lag, 1)
    peak = times * lag
    for other in range(peak - lag // 2, min(peak + lag // 2 + 1, len(found))):
        if found[other] > found[peak]:
            peak = other
    return round(peak / times)
