"""The streaming detector `robust_zscore` in plain Python: the median of what lies in the window."""

import math
from statistics import fmean, median

from tests.oracles.ad_detectors.alerts import Judge


def median_deviation(values, middle):
    """The distance that more than half of the values do not exceed."""
    return sorted(abs(value - middle) for value in values)[len(values) // 2]


def spread(values, middle):
    found = 1.4826 * median_deviation(values, middle)
    if found == 0:
        found = 1.2533 * fmean(abs(value - middle) for value in values)
    return found + 1e-9 * abs(middle) + 1e-300


class Entity:
    """Scores and learns row after row."""

    def __init__(self, width, p):
        self.p, self.judge = p, Judge(p)
        self.windows = [[] for _ in range(width)]

    def update(self, row, time_ms):
        bounds, deviations = [], []
        for window, value in zip(self.windows, row, strict=True):
            middle = median(window) if window else math.nan
            wide = spread(window, middle) if window else math.nan
            far = self.judge.radius * wide
            bounds.append((middle, middle - far, middle + far))
            settled = len(window) >= 8 and not math.isnan(value)
            deviations.append(min(abs(value - middle) / wide, 1e12) if settled else math.nan)
        there = [deviation for deviation in deviations if not math.isnan(deviation)]
        columns = list(zip(*bounds, strict=True))
        if all(math.isnan(value) for value in row):
            return self.judge.skip(len(row), columns)
        parts = [0.0 if math.isnan(deviation) else deviation**2 for deviation in deviations]
        said = self.judge.update(max(there, default=math.nan), parts, columns)
        for window, value in zip(self.windows, row, strict=True):
            if not math.isnan(value):
                window.append(value)
                del window[: -self.p.window]
        return said
