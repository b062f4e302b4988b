"""The period of a series in plain NumPy."""

import numpy as np


def correlations(series):
    """At lag 0, 1, … up to half of the length."""
    centred = np.array(series) - np.mean(series)
    longest, size = len(centred) // 2, len(centred)
    products = [np.mean(centred[: size - lag] * centred[lag:]) for lag in range(longest + 1)]
    return np.array(products) / np.mean(centred**2)


def find_period(series):
    if len(series) < 6 or np.ptp(series) == 0:
        return 0
    found = correlations(series)
    peaks = [
        lag
        for lag in range(3, len(found) - 1)
        if found[lag - 1] < found[lag] and found[lag] >= found[lag + 1]
    ]
    best = max([0.5, *found[peaks]])
    lag = next((lag for lag in peaks if found[lag] > max(0.9 * best, 0.5)), 0)
    return refined(found, lag) if lag else 0


def refined(found, lag):
    """The lag of the peak around the largest multiple whose surroundings are there, per period."""
    half = lag // 2
    times = max((times for times in range(1, len(found)) if times * lag + half < len(found)), default=1)
    around = range(times * lag - half, min(times * lag + half + 1, len(found)))
    peak = max(around, key=lambda other: (found[other], other == times * lag, -other))
    return round(peak / times)
