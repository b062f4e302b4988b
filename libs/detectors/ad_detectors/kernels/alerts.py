"""From the raw score of a streaming detector to score, probability and alert: the same for all of them."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.conformal import count_raw, halve, halving_due, radius_of, tail_probability
from ad_detectors.kernels.highest import fade_list, list_raw, listed_probability, listed_radius

Floats = NDArray[np.float64]


class Tail(NamedTuple):
    """What is known of each entity's raw scores and alerts: one row of each array per entity."""

    counts: NDArray[np.float32]
    total: Floats
    largest: Floats
    highest: NDArray[np.float32]
    weights: NDArray[np.float32]
    listed: Floats
    floor: Floats
    alerted: Floats
    rows: NDArray[np.int64]
    pause: NDArray[np.int64]


class Policy(NamedTuple):
    """The parameters that all have, in the units of the kernels."""

    warm_up: int
    level: float
    pause_share: float
    longest_pause: int
    breakthrough: float
    history: int


class Output(NamedTuple):
    """What is written for each row."""

    score: Floats
    probability: Floats
    anomaly: NDArray[np.bool_]
    cold: NDArray[np.bool_]
    expected: Floats
    lower: Floats
    upper: Floats
    contributions: Floats


@kernel
def has_value(values: Floats) -> bool:
    """Whether not everything is missing."""
    found = False
    for feature in range(len(values)):
        found = found or not np.isnan(values[feature])
    return found


@kernel
def radius(tail: Tail, policy: Policy, slot: int) -> float:
    """The raw score beyond which a row of this entity can be an alert."""
    exact = listed_radius(
        tail.highest[slot], tail.weights[slot], tail.listed[slot], tail.floor[slot], policy.level
    )
    return min(radius_of(tail.counts[slot], tail.total[slot], tail.largest[slot], policy.level), exact)


@kernel
def p_value(tail: Tail, slot: int, raw: float) -> float:
    """The p-value of a raw score among those of its entity."""
    probability = tail_probability(tail.counts[slot], tail.total[slot], tail.largest[slot], raw)
    exact = listed_probability(
        tail.highest[slot], tail.weights[slot], tail.listed[slot], tail.floor[slot], raw
    )
    return min(probability, exact)


@kernel
def skip(tail: Tail, policy: Policy, slot: int, row: int, output: Output) -> None:
    """A row without any value: neither scored nor counted."""
    output.cold[row] = tail.rows[slot] < policy.warm_up


@kernel
def judge(tail: Tail, policy: Policy, slot: int, raw: float, row: int, output: Output) -> None:
    """Score a row by its raw score, decide on an alert, then count it; NaN says that it cannot be scored yet.

    The contributions of the row hold the parts of its features, at least 0 and of any unit; they are made to
    add up to the score. The first quarter of the warm-up is not counted: the detector itself is too new.
    """
    rows = tail.rows[slot]
    tail.rows[slot] = rows + 1
    output.cold[row] = rows < policy.warm_up or np.isnan(raw)
    if output.cold[row]:
        output.contributions[row, :] = 0.0
    else:
        probability = p_value(tail, slot, raw)
        output.probability[row] = probability
        output.score[row] = -math.log10(probability) + 0.0
        share_out(output.contributions[row], output.score[row])
        output.anomaly[row] = alert(tail, policy, slot, probability, raw)
    if rows >= policy.warm_up // 4 and not np.isnan(raw):
        learn_raw(tail, policy, slot, raw)


@kernel
def learn_raw(tail: Tail, policy: Policy, slot: int, raw: float) -> None:
    """Count a raw score, and let the earlier ones fade when it is time."""
    counts = tail.counts[slot]
    highest, weights = tail.highest[slot], tail.weights[slot]
    total, largest = count_raw(counts, tail.total[slot], tail.largest[slot], raw)
    listed, floor = tail.listed[slot] + 1.0, list_raw(highest, weights, tail.floor[slot], raw)
    if halving_due(tail.rows[slot], total, policy.history):
        total, largest = halve(counts, largest)
        listed, floor = fade_list(highest, weights, listed, floor)
    tail.total[slot], tail.largest[slot] = total, largest
    tail.listed[slot], tail.floor[slot] = listed, floor


@kernel
def share_out(parts: Floats, score: float) -> None:
    """Scale the parts to add up to the score; equal parts where there are none."""
    total = 0.0
    for feature in range(len(parts)):
        total += parts[feature]
    for feature in range(len(parts)):
        parts[feature] = score * (parts[feature] / total) if total > 0.0 else score / len(parts)


@kernel
def alert(tail: Tail, policy: Policy, slot: int, probability: float, raw: float) -> bool:
    """Alert, and pause, when improbable; in the pause only for something far beyond what caused it."""
    improbable = probability < policy.level
    if tail.pause[slot] > 0:
        tail.pause[slot] -= 1
        improbable = improbable and raw > policy.breakthrough * tail.alerted[slot]
    if improbable:
        tail.alerted[slot] = raw
        tail.pause[slot] = min(int(policy.pause_share * tail.rows[slot]), policy.longest_pause)
    return improbable
