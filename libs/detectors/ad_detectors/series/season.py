"""The season of a series: its length, its shape, and where in it another series starts."""

import numpy as np

from ad_detectors.matrix import Floats

SHORTEST = 3
STILL = 1e-9
LOWEST_CORRELATION = 0.3
AS_GOOD = 0.9


def find_period(series: Floats) -> int:
    """The lag at which the channels of a series of shape (n, d) resemble themselves best; 0 without one.

    A period is a peak of the mean autocorrelation of at least 0.3, at up to a third of the length, that is 0.3 above
    the lowest value before it; of peaks that are nearly as good as the highest the first, since multiples of a period
    correlate as well. Channels that never change do not count. Costs O(n · d · log n).

    Examples
    --------
    >>> find_period(np.sin(np.arange(300) * 2 * np.pi / 25).reshape(-1, 1))
    25
    """
    moving = series[:, np.ptp(series, axis=0) > STILL]
    longest = len(series) // 3
    if moving.shape[1] == 0 or longest <= SHORTEST:
        return 0
    centred = moving - moving.mean(axis=0)
    spectrum = np.fft.rfft(centred, 2 * len(series), axis=0)
    products = np.fft.irfft(np.abs(spectrum) ** 2, axis=0)[: longest + 1]
    pairs = len(series) - np.arange(longest + 1)
    found = (products / products[0]).mean(axis=1) * len(series) / pairs
    lowest = np.minimum.accumulate(found)
    peak = np.zeros(len(found), np.bool_)
    peak[SHORTEST:-1] = (found[SHORTEST:-1] > found[SHORTEST - 1 : -2]) & (
        found[SHORTEST:-1] >= found[SHORTEST + 1 :]
    )
    peak &= (found >= LOWEST_CORRELATION) & (found - lowest >= LOWEST_CORRELATION)
    if not peak.any():
        return 0
    good = peak & (found >= AS_GOOD * found[peak].max())
    return int(np.flatnonzero(good)[0])


def trend(series: Floats, points: int) -> Floats:
    """The mean of the points around each one, of those that are there; costs O(n · d)."""
    totals = np.concatenate([np.zeros((1, series.shape[1])), np.cumsum(series, axis=0)])
    at = np.arange(len(series))
    first = np.maximum(at - points // 2, 0)
    last = np.minimum(at - points // 2 + points, len(series))
    mean: Floats = (totals[last] - totals[first]) / (last - first)[:, None]
    return mean


def profile(series: Floats, period: int) -> Floats:
    """The median at each place of the season: float64 of shape (period, d)."""
    return np.stack([np.median(series[place::period], axis=0) for place in range(period)])


def best_start(series: Floats, shape: Floats) -> int:
    """The place of the season at which a series starts, by least squares over all its points and channels.

    Examples
    --------
    >>> best_start(np.array([[3.0], [1.0], [2.0], [3.0]]), np.array([[1.0], [2.0], [3.0]]))
    2
    """
    period = len(shape)
    counts, sums = np.zeros(period), np.zeros(shape.shape)
    np.add.at(counts, np.arange(len(series)) % period, 1.0)
    np.add.at(sums, np.arange(len(series)) % period, series)
    energy = np.fft.rfft((shape**2).sum(axis=1)) * np.conj(np.fft.rfft(counts))
    likeness = (np.fft.rfft(shape, axis=0) * np.conj(np.fft.rfft(sums, axis=0))).sum(axis=1)
    return int(np.argmin(np.fft.irfft(energy - 2.0 * likeness, period)))
