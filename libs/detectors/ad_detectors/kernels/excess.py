"""How often an entity's scores are as high: an exponential tail above a level that one score in 50 exceeds.

Two numbers per entity, both moved by every score: the level (stochastic approximation of a quantile) and the mean
excess over it. They start where scores are -log10 of true p-values and are weighed like PRIOR rows.

Source: Robbins and Monro, A Stochastic Approximation Method, 1951; Pickands, Statistical Inference Using Extreme
Order Statistics, 1975 (peaks over a threshold; the exponential tail is the case without a shape).
"""

import math

from ad_detectors.kernels.compile import kernel

SHARE = 0.02
PRIOR = 300
FIRST_LEVEL = -math.log10(SHARE)
FIRST_MEAN = 1.0 / math.log(10.0)
LOWEST_LEVEL = 0.05
FARTHEST = 10.0
"""An excess counts as at most this many mean ones, so that one outlier does not hide the next."""

LEAST = 1e-300
LOG_SHARE = math.log(SHARE)


@kernel
def started(level: float, mean: float) -> tuple[float, float]:
    """Level and mean excess of an entity; zeros are one that has none yet."""
    if mean > 0.0:
        return level, mean
    return FIRST_LEVEL, FIRST_MEAN


@kernel
def excess_probability(level: float, mean: float, score: float, rows: float) -> float:
    """The share of scores at least as high; below the level log-linear down to 1 at the score 0.

    What is rarer than one of the rows that were seen is guesswork: there it falls no faster than 10^-score.
    """
    if score <= level:
        return math.exp(LOG_SHARE * score / level)
    beyond = score - level
    seen = mean * (LOG_SHARE + math.log(rows + PRIOR))
    if beyond > seen:
        beyond = seen + (beyond - seen) * min(mean / FIRST_MEAN, 1.0)
    return max(SHARE * math.exp(-beyond / mean), LEAST)


@kernel
def learn_excess(level: float, mean: float, score: float, rows: float) -> tuple[float, float]:
    """The new level and mean excess after a score, the one after `rows` others."""
    weight = 1.0 / (rows + PRIOR)
    step = mean * weight
    if score <= level:
        return max(level - step, LOWEST_LEVEL), mean
    excess = min(score - level, FARTHEST * mean)
    return level + step * (1.0 / SHARE - 1.0), mean + (excess - mean) * weight / SHARE
