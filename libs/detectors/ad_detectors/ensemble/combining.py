"""Several surprises of the same row, made one."""

from collections.abc import Callable

import numpy as np

from ad_detectors.matrix import Floats


def weighted_average(surprises: Floats, weights: Floats) -> Floats:
    """The mean of (m, n) surprises with weights of shape (m,)."""
    total = np.zeros(surprises.shape[1])
    for surprise, weight in zip(surprises, weights / weights.sum(), strict=True):
        total += weight * surprise
    return total


def average(surprises: Floats, weights: Floats) -> Floats:
    """The mean, each counting the same: high where all members are surprised."""
    return weighted_average(surprises, np.ones(len(weights)))


def maximum(surprises: Floats, weights: Floats) -> Floats:
    """The highest: one member is enough."""
    del weights
    return np.asarray(surprises.max(axis=0), np.float64)


def rank(surprises: Floats, weights: Floats) -> Floats:
    """The surprise at the mean of the members' tail probabilities, that is of the row's ranks among normal rows.

    One member that is not surprised at all weighs more than one that is surprised very much.
    """
    mean = weighted_average(10.0**-surprises, np.ones(len(weights)))
    return np.asarray(0.0 - np.log10(np.minimum(mean, 1.0)), np.float64)


COMBINATIONS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "average": average,
    "maximum": maximum,
    "rank": rank,
    "weighted": weighted_average,
}


def counted(way: str, surprises: Floats, weights: Floats) -> Floats:
    """By how much each member's surprise counts in the combined one: (m, n), without a unit.

    How fast the combination grows with it, times the surprise itself.

    >>> counted("maximum", np.array([[1.0], [3.0]]), np.ones(2)).tolist()
    [[0.0], [3.0]]
    """
    if way == "maximum":
        return np.where(surprises == surprises.max(axis=0), surprises, 0.0)
    if way == "rank":
        return np.asarray(surprises * 10.0**-surprises, np.float64)
    return surprises * weights[:, None] if way == "weighted" else surprises


def weights_by_agreement(surprises: Floats) -> Floats:
    """How much each member agrees with the mean of the others: rank correlation, at least a hundredth.

    Without labels the consensus is the best guess, and a member that contradicts it is more likely wrong.

    >>> twins, stranger = np.arange(5.0), np.array([4.0, 2.0, 0.0, 3.0, 1.0])
    >>> weights_by_agreement(np.stack([twins, twins, stranger])).round(2).tolist()
    [0.5, 0.5, 0.01]
    """
    if len(surprises) == 1:
        return np.ones(1)
    total = surprises.sum(axis=0)
    others = [_order(total - own) for own in surprises]
    found = [_correlation(_order(own), other) for own, other in zip(surprises, others, strict=True)]
    return np.maximum(found, 0.01)


def _order(values: Floats) -> Floats:
    """Ranks, equal values with the mean of theirs."""
    ordered = np.sort(values)
    return (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / 2.0


def _correlation(one: Floats, other: Floats) -> float:
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean()) / spread if spread > 0.0 else 0.0
