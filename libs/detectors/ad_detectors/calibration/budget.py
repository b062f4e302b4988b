"""A budget of alerts: so many a day for a whole stream, whatever its rate and however it is spread."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ad_detectors.calibration.threshold import DAY_MS, Threshold, Times, runs
from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.streaming.base import State

HOUR_MS = 3_600_000
KEPT_PER_HOUR = 0.5 ** (1.0 / 24.0)
"""What an hour counts for in the mean rate after the next one: half after a day."""

SHORTEST_MS = 60_000
FEWEST_TOKENS = 4.0
STEEPNESS = 3

FIRST, LAST, HOUR, RECORDS, REFILLED, STARTED = range(6)
MEAN, TOKENS = range(2)


@dataclass(frozen=True, kw_only=True)
class AlertBudgetParameters(Parameters):
    """Parameters of `AlertBudget`."""

    alerts_per_day: float = option(10.0, "alerts per day, for all entities together", low=0.001, high=1e9)
    largest_probability: float = option(
        0.01, "no record more probable than this is an alert, however few there are", low=1e-12, high=1
    )


class AlertBudget(Threshold):
    """At most so many alerts a day, and those the least probable records.

    Idea: with r records a day, a tail probability below alerts_per_day / r is reached as often as wanted, if
    the probabilities are right. r is the mean of the stream's hours, one of a day ago counting for half. Since
    on real data probabilities are too small at times, an alert also takes one of a store of tokens, which
    fills by `alerts_per_day` and holds those of one day (4 at least). The level falls with the cube of
    what is left, so when much is spent only the least probable records are alerts, and with less than one token
    nothing is.

    So in any T days there are never more than alerts_per_day · T + max(alerts_per_day, 4) alerts. With
    probabilities that are right there are 0.5 to 1 times `alerts_per_day` a day.

    Parameters
    ----------
    alerts_per_day : float, default 10
    largest_probability : float, default 0.01

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> times = np.arange(1_000_000) * 864  # ten days
    >>> budget = AlertBudget(alerts_per_day=20)
    >>> state = budget.new_state()
    >>> int(budget.alerts(state, np.zeros(1_000_000), generator.random(1_000_000), times).sum())
    176
    """

    def __init__(self, **parameters: float) -> None:
        self.parameters = AlertBudgetParameters.of(parameters)

    @property
    def _capacity(self) -> float:
        return max(self.parameters.alerts_per_day, FEWEST_TOKENS)

    def new_state(self) -> State:
        """The state before the first record: 64 bytes."""
        return {"clock": np.zeros(6, np.int64), "budget": np.array([0.0, self._capacity])}

    def alerts(
        self, state: State, scores: Floats, probabilities: Floats, time_ms: Times
    ) -> NDArray[np.bool_]:
        """Which of these records are alerts; a late record counts as of the latest time seen."""
        if {name: array.shape for name, array in state.items()} != {"clock": (6,), "budget": (2,)}:
            raise DataError("this is not a state of AlertBudget: make it by new_state()")
        if not len(scores) == len(probabilities) == len(time_ms):
            raise DataError(f"{len(probabilities)} probabilities came with {len(time_ms)} times")
        found = np.zeros(len(probabilities), np.bool_)
        if len(found) == 0:
            return found
        clock = state["clock"]
        if not clock[STARTED]:
            clock[[FIRST, LAST, REFILLED]], clock[STARTED] = time_ms[0], 1
        times = np.maximum.accumulate(np.concatenate([clock[LAST : LAST + 1], time_ms]))[1:]
        clock[LAST] = times[-1]
        for start, stop in runs((times - clock[FIRST]) // HOUR_MS):
            self._begin_hour(state, int((times[start] - clock[FIRST]) // HOUR_MS))
            found[start:stop] = self._alerts_of_hour(state, probabilities[start:stop], times[start:stop])
        return found

    def level(self, state: State) -> float:
        """The probability at which a record would now be an alert, were the budget untouched."""
        clock = state["clock"]
        records = clock[RECORDS : RECORDS + 1]
        return float(self._levels(state, records.astype(np.float64), clock[LAST : LAST + 1])[0])

    def _begin_hour(self, state: State, hour: int) -> None:
        """Take the hours that ended into the mean."""
        clock, budget = state["clock"], state["budget"]
        passed = hour - int(clock[HOUR])
        if passed > 0:
            ended = budget[MEAN] * KEPT_PER_HOUR + clock[RECORDS] * (1.0 - KEPT_PER_HOUR)
            budget[MEAN] = ended * KEPT_PER_HOUR ** (passed - 1)
            clock[HOUR], clock[RECORDS] = hour, 0

    def _levels(self, state: State, records: Floats, times: Times) -> Floats:
        """The level at each record by the records of its hour so far; a sudden rush counts at once."""
        clock, chosen = state["clock"], self.parameters
        if clock[HOUR] == 0:
            rate = records * (DAY_MS / np.maximum(times - clock[FIRST], SHORTEST_MS))
        else:
            usual = state["budget"][MEAN] / (1.0 - KEPT_PER_HOUR ** int(clock[HOUR]))
            rate = 24.0 * np.maximum(records, usual)
        with np.errstate(divide="ignore"):
            levels: Floats = np.minimum(chosen.alerts_per_day / rate, chosen.largest_probability)
        return levels

    def _alerts_of_hour(self, state: State, probabilities: Floats, times: Times) -> NDArray[np.bool_]:
        clock, budget, capacity = state["clock"], state["budget"], self._capacity
        records = clock[RECORDS] + np.arange(1.0, len(times) + 1.0)
        levels = self._levels(state, records, times)
        found = np.zeros(len(times), np.bool_)
        for row in np.flatnonzero(probabilities <= levels).tolist():
            earned = (int(times[row]) - int(clock[REFILLED])) * (self.parameters.alerts_per_day / DAY_MS)
            tokens = min(float(budget[TOKENS]) + earned, capacity)
            clock[REFILLED] = times[row]
            found[row] = (
                tokens >= 1.0 and probabilities[row] <= levels[row] * (tokens / capacity) ** STEEPNESS
            )
            budget[TOKENS] = tokens - 1.0 if found[row] else tokens
        clock[RECORDS] += len(times)
        return found
