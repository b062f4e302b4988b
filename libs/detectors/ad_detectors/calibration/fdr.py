"""Control of the false discovery rate: of the alerts that are raised, at most a chosen share is false."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.streaming.base import State

RATES: Floats = 1.0 - 0.25 * 10.0 ** -np.arange(8.0)
"""What is left of each part of the wealth after one test: they last for 4 to 40 million tests."""

DECAY: list[float] = RATES.tolist()

WEIGHTS: Floats = 0.5 ** np.arange(8.0) / (0.5 ** np.arange(8.0)).sum() * (1.0 - RATES)
"""Spent on the first test after wealth of 1 came in; everything that is ever spent of it sums to 1."""


def adjusted(probabilities: ArrayLike, *, dependent: bool = False) -> Floats:
    """The smallest rate at which each hypothesis of a batch would be rejected.

    Rejecting where this is at most `rate` keeps the expected share of false discoveries at or below `rate`.

    Parameters
    ----------
    probabilities : array_like of shape (n,)
        p-values in [0, 1], such as one per entity.
    dependent : bool, default False
        False: Benjamini and Hochberg, for independent or positively dependent p-values.
        True: Benjamini and Yekutieli, for any dependence; stricter by the factor 1 + 1/2 + … + 1/n.

    Returns
    -------
    float64 of shape (n,)

    Raises
    ------
    DataError
        They are not one-dimensional or not within [0, 1].

    Source
    ------
    Benjamini and Hochberg 1995; Benjamini and Yekutieli 2001.

    Examples
    --------
    >>> adjusted([0.001, 0.02, 0.03, 0.5]).round(3).tolist()
    [0.004, 0.04, 0.04, 0.5]
    """
    values = _probabilities(probabilities)
    count = len(values)
    ranks = np.arange(1, count + 1)
    factor = float((1.0 / ranks).sum()) if dependent else 1.0
    order = np.argsort(values, kind="stable")
    scaled = np.minimum(values[order] * (factor * count) / ranks, 1.0)
    result = np.empty(count)
    result[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return result


@dataclass(frozen=True, kw_only=True)
class OnlineFDRParameters(Parameters):
    """Parameters of `OnlineFDR`."""

    rate: float = option(0.05, "expected share of false discoveries among all", low=1e-6, high=0.5)


class OnlineFDR:
    """LORD++: decides on one p-value after the other, each knowing only the earlier ones.

    The level of a test is wealth spent: a part of `rate` at the beginning, and `rate` again for each
    discovery, handed out over the tests that follow. How fast it is handed out may be chosen; the usual
    power of the distance needs every discovery to be remembered, this sum of eight exponentials from 4 to
    40 million tests only eight numbers. So an entity, or a stream, costs 80 bytes for ever.

    Assumes that p-values of normal records are independent of one another and not too small. Without any
    discovery the levels fall about as 1 / tests: begin anew (`new_state`) for each day or shift, and the rate
    holds for each of them.

    Parameters
    ----------
    rate : float, default 0.05

    Source
    ------
    Ramdas, Yang, Wainwright and Jordan, Online control of the false discovery rate with decaying memory,
    NeurIPS 2017 (LORD++, section 3).

    Examples
    --------
    >>> control = OnlineFDR(rate=0.1)
    >>> state = control.new_state()
    >>> control.decide(state, [0.5, 1e-6, 0.002, 0.9]).tolist()
    [False, True, True, False]
    """

    def __init__(self, **parameters: float) -> None:
        self.parameters = OnlineFDRParameters.of(parameters)

    def new_state(self) -> State:
        """The state before the first p-value."""
        start = 0.5 * self.parameters.rate
        return {"wealth": start * WEIGHTS, "tests": np.zeros(2, np.int64)}

    def decide(self, state: State, probabilities: ArrayLike) -> NDArray[np.bool_]:
        """Which of these p-values, in their order, are discoveries; `state` is changed in place."""
        if {name: array.shape for name, array in state.items()} != {"wealth": RATES.shape, "tests": (2,)}:
            raise DataError("this is not a state of OnlineFDR: make it by new_state()")
        values, rate = _probabilities(probabilities), self.parameters.rate
        wealth, (since, found) = state["wealth"], state["tests"].tolist()
        decisions = np.zeros(len(values), np.bool_)
        first = -since
        # No level exceeds the rate, so most values need no level at all.
        for test in np.flatnonzero(values <= rate).tolist():
            level = sum(
                part * left ** (test - first) for part, left in zip(wealth.tolist(), DECAY, strict=True)
            )
            if values[test] <= level:
                decisions[test] = True
                earned = rate if found else 0.5 * rate
                spent = [left ** (test + 1 - first) for left in DECAY]
                wealth[:] = wealth * spent + earned * WEIGHTS
                first, found = test + 1, found + 1
        state["tests"][:] = len(values) - first, found
        return decisions


def _probabilities(given: ArrayLike) -> Floats:
    values = np.ascontiguousarray(given, dtype=np.float64)
    if values.ndim != 1 or not ((values >= 0.0) & (values <= 1.0)).all():
        raise DataError("probabilities must be one-dimensional and within [0, 1]")
    return values
