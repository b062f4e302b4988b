"""Four predictions of the next value, of which the most useful counts: the update of `seasonal`.

Prediction 0 is the level; 1 the hour of the day, 2 the hour of the week, 3 the place in a detected period, each a
profile plus a level of its own, so that a shift of the whole stream leaves the profile as it is.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.alerts import Output, Policy, Tail, has_value, judge, radius, skip
from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.period import find_period

KINDS = 4
DAY, WEEK, LONGEST = 24, 168, 128
BINS = DAY + WEEK + LONGEST
RING = 2 * LONGEST
LOOK_EVERY = 64
HOUR_MS = 3_600_000
SETTLED = 8
FARTHEST_STEP = 4.0
NORMAL_RATIO = 1.2533
USEFUL = 0.9
PROFILE_GAIN = 0.02
LARGEST_DEVIATION = 1e12

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """The state: by entity and feature; levels, errors and tests by prediction, profiles by bin."""

    level: Floats
    error: Floats
    tested: NDArray[np.int32]
    profile: Floats
    visits: NDArray[np.int32]
    ring: Floats
    period: NDArray[np.int64]
    ticks: NDArray[np.int64]


class Work(NamedTuple):
    """For one row: the bin and the prediction of each kind and feature, and the kind that was chosen."""

    bins: NDArray[np.int64]
    predicted: Floats
    chosen: NDArray[np.int64]


@kernel
def find_bin(kind: int, hour: int, tick: int, period: int) -> int:
    """The bin of a kind's profile; -1 where it has none."""
    if kind == 1:
        return hour % DAY
    if kind == 2:
        return DAY + hour % WEEK
    if kind == 3 and period > 0:
        return DAY + WEEK + tick % period
    return -1


@kernel
def predict(table: Table, slot: int, feature: int, hour: int, work: Work) -> None:
    """Write what each kind predicts, NaN where it knows nothing, and choose by the mean error so far."""
    lowest = np.inf
    work.chosen[feature] = 0
    for kind in range(KINDS):
        at = find_bin(kind, hour, table.ticks[slot], table.period[slot, feature])
        work.bins[feature, kind] = at
        work.predicted[feature, kind] = math.nan
        if kind == 0 and table.tested[slot, feature, 0] > 0:
            work.predicted[feature, 0] = table.level[slot, feature, 0]
            lowest = USEFUL * table.error[slot, feature, 0]
        elif at >= 0 and table.visits[slot, feature, at] > 0:
            value = table.profile[slot, feature, at] + table.level[slot, feature, kind]
            work.predicted[feature, kind] = value
            if table.tested[slot, feature, kind] >= SETTLED and table.error[slot, feature, kind] < lowest:
                lowest = table.error[slot, feature, kind]
                work.chosen[feature] = kind


@kernel
def spread_of(table: Table, slot: int, feature: int, kind: int, predicted: float) -> float:
    """The standard deviation around a prediction, if errors are normal."""
    return float(NORMAL_RATIO * table.error[slot, feature, kind] + 1e-9 * abs(predicted) + 1e-300)


@kernel
def look(
    table: Table, slot: int, values: Floats, hour: int, far: float, row: int, work: Work, output: Output
) -> float:
    """The largest deviation from what was predicted; the squares of all are the features' parts."""
    raw = math.nan
    for feature in range(len(values)):
        predict(table, slot, feature, hour, work)
        kind = work.chosen[feature]
        predicted = work.predicted[feature, kind]
        spread = spread_of(table, slot, feature, kind, predicted)
        output.expected[row, feature] = predicted
        output.lower[row, feature] = predicted - far * spread
        output.upper[row, feature] = predicted + far * spread
        if table.tested[slot, feature, 0] >= SETTLED and not np.isnan(values[feature]):
            distance = min(abs(values[feature] - predicted) / spread, LARGEST_DEVIATION)
            raw = distance if np.isnan(raw) else max(raw, distance)
            output.contributions[row, feature] = distance * distance
    return raw


@kernel
def learn_kind(
    table: Table, slot: int, feature: int, kind: int, gain: float, value: float, work: Work
) -> float:
    """Teach one kind a value; return the value as it counts, at most four deviations from the prediction."""
    predicted, at = work.predicted[feature, kind], work.bins[feature, kind]
    tested = table.tested[slot, feature, kind]
    known = not np.isnan(predicted)
    step = value - predicted if known else 0.0
    limit = FARTHEST_STEP * NORMAL_RATIO * table.error[slot, feature, kind]
    if tested >= SETTLED and limit > 0.0:
        step = min(max(step, -limit), limit)
    counted = predicted + step if known else value
    level = table.level[slot, feature, kind]
    if at >= 0:
        visits = table.visits[slot, feature, at]
        # What the profile learns is free of the level, and the level learns of what the profile left over.
        rate = max(PROFILE_GAIN, 1.0 / (visits + 1.0))
        table.profile[slot, feature, at] += rate * (counted - level - table.profile[slot, feature, at])
        table.visits[slot, feature, at] = visits + 1
    if known:
        rate = max(gain, 1.0 / (tested + 1.0))
        table.error[slot, feature, kind] += rate * (abs(step) - table.error[slot, feature, kind])
        table.level[slot, feature, kind] = level + (rate if kind == 0 else gain) * step
        table.tested[slot, feature, kind] = tested + 1
    elif kind == 0:
        table.level[slot, feature, 0], table.tested[slot, feature, 0] = value, 1
    return counted


@kernel
def learn(table: Table, slot: int, gain: float, values: Floats, work: Work) -> None:
    """Teach every kind, and look for a period from time to time. A missing value is as predicted."""
    ticks = table.ticks[slot]
    for feature in range(len(values)):
        counted = work.predicted[feature, work.chosen[feature]]
        if not np.isnan(values[feature]):
            for kind in range(KINDS):
                if kind == 0 or work.bins[feature, kind] >= 0:
                    taken = learn_kind(table, slot, feature, kind, gain, values[feature], work)
                    counted = taken if kind == work.chosen[feature] else counted
        table.ring[slot, feature, ticks % RING] = 0.0 if np.isnan(counted) else counted
        if (ticks + 1) % LOOK_EVERY == 0:
            set_period(table, slot, feature, ticks + 1)
    table.ticks[slot] = ticks + 1


@kernel
def in_use(table: Table, slot: int, feature: int) -> bool:
    """Whether the present period is useful, or has not been tried for two rounds yet."""
    tested = table.tested[slot, feature, 3]
    useful = table.error[slot, feature, 3] < USEFUL * table.error[slot, feature, 0]
    return bool(tested < 2 * table.period[slot, feature] or (useful and tested >= SETTLED))


@kernel
def set_period(table: Table, slot: int, feature: int, ticks: int) -> None:
    """Find the period of the last values, unless there is one in use; a new one has an empty profile."""
    if ticks < RING or in_use(table, slot, feature):
        return
    series = np.empty(RING)
    for place in range(RING):
        series[place] = table.ring[slot, feature, (ticks + place) % RING]
    period = find_period(series)
    if period != table.period[slot, feature] and period > 0:
        table.period[slot, feature] = period
        table.profile[slot, feature, DAY + WEEK :] = 0.0
        table.visits[slot, feature, DAY + WEEK :] = 0
        table.level[slot, feature, 3] = table.level[slot, feature, 0]
        table.error[slot, feature, 3] = 0.0
        table.tested[slot, feature, 3] = 0


@kernel
def update_rows(
    table: Table,
    tail: Tail,
    policy: Policy,
    gain: float,
    slots: NDArray[np.int64],
    matrix: Floats,
    time_ms: NDArray[np.int64],
    output: Output,
) -> None:
    """Score each row by the state of its slot, decide on an alert, then learn from the row."""
    width = matrix.shape[1]
    work = Work(np.zeros((width, KINDS), np.int64), np.zeros((width, KINDS)), np.zeros(width, np.int64))
    for row in range(len(slots)):
        slot, hour = slots[row], time_ms[row] // HOUR_MS
        raw = look(table, slot, matrix[row], hour, radius(tail, policy, slot), row, work, output)
        if has_value(matrix[row]):
            judge(tail, policy, slot, raw, row, output)
        else:
            skip(tail, policy, slot, row, output)
        learn(table, slot, gain, matrix[row], work)
