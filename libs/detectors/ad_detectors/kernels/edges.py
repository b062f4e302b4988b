"""The update of the graph detector `edge_stream`: edges one after the other, in sketches of constant size."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.conformal import BUCKETS, FORGOTTEN, bucket_of, tail_probability, upper_edge
from ad_detectors.kernels.draws import mixed
from ad_detectors.kernels.sketch import add_key

EDGE, SOURCE, DESTINATION, FAN_OUT, FAN_IN = range(5)
PARTS = 5

FIRST_TICK, TICK, EDGES = range(3)
"""Places of the array `clock`: ticks are counted from the first one, which is 1."""

LEFT_OF_NEW = 0.125
"""An edge whose mean has decayed to this part of what one record leaves, after three half-lives, is new."""

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]


class Table(NamedTuple):
    """The state: sketches by part, row and cell; tails of the raw scores by part; the clock.

    The raw scores of the running tick wait until it ends, so that a burst is not judged by its own beginning.
    """

    current: NDArray[np.float32]
    mean: NDArray[np.float32]
    ticks: NDArray[np.int32]
    counts: NDArray[np.float32]
    total: Floats
    largest: Floats
    waiting: NDArray[np.float32]
    waiting_largest: Floats
    clock: Ids


class Policy(NamedTuple):
    """The parameters in the units of the kernel; `share` is the weight of the tick that ended in the mean."""

    tick_ms: int
    share: float
    warm_up: int
    warm_up_ticks: int
    history: int
    seed: int


class Output(NamedTuple):
    """What is written for each edge."""

    score: Floats
    probability: Floats
    cold: NDArray[np.bool_]
    new_edge: NDArray[np.bool_]
    parts: Floats
    seen: Floats
    expected: Floats


@kernel
def update_edges(
    table: Table, policy: Policy, sources: Ids, destinations: Ids, time_ms: Ids, output: Output
) -> None:
    """Score each edge by the state before it, then learn from it."""
    key = np.uint64(policy.seed)
    raws = np.zeros(PARTS)
    for row in range(len(sources)):
        tick = advance(table, policy.history, time_ms[row] // policy.tick_ms)
        past = 1.0 - (1.0 - policy.share) ** (tick - 1)
        source = mixed(mixed(key, SOURCE), sources[row])
        destination = mixed(mixed(key, DESTINATION), destinations[row])
        for part in range(PARTS):
            if part >= FAN_OUT and not output.new_edge[row]:
                raws[part] = 0.0
                continue
            own = destination if part in (DESTINATION, FAN_IN) else source
            if part == EDGE:
                own = mixed(source, destinations[row])
            seen, mean, before = add_key(
                table.current[part], table.mean[part], table.ticks[part], own, tick, policy.share
            )
            if part == EDGE:
                output.new_edge[row] = before == 0.0 and mean < LEFT_OF_NEW * policy.share
            expected = mean / past if past > 0.0 else 0.0
            output.seen[row, part], output.expected[row, part] = seen, expected
            raws[part] = max(seen - expected, 0.0) / math.sqrt(expected + 1.0)
        edges = table.clock[EDGES]
        output.cold[row] = edges < policy.warm_up or tick <= policy.warm_up_ticks
        if not output.cold[row]:
            judge(table, raws, row, output)
        if edges >= policy.warm_up // 2 and 2 * tick > policy.warm_up_ticks:
            wait(table, raws)
        table.clock[EDGES] = edges + 1


@kernel
def advance(table: Table, history: int, tick: int) -> int:
    """The tick of an edge, counted from 1; a late edge belongs to the tick that is running."""
    clock = table.clock
    if clock[TICK] == 0:
        clock[FIRST_TICK] = tick
    own = min(tick - clock[FIRST_TICK] + 1, 2**31 - 1)
    if own > clock[TICK]:
        learn(table, history)
        clock[TICK] = own
    return int(clock[TICK])


@kernel
def judge(table: Table, raws: Floats, row: int, output: Output) -> None:
    """Turn raw scores into p-values; the smallest one times their number is that of the edge."""
    smallest = 1.0
    for part in range(PARTS):
        probability = tail_probability(table.counts[part], table.total[part], table.largest[part], raws[part])
        output.parts[row, part] = -math.log10(probability) + 0.0
        smallest = min(smallest, probability)
    output.probability[row] = min(smallest * PARTS, 1.0)
    output.score[row] = -math.log10(output.probability[row]) + 0.0


@kernel
def wait(table: Table, raws: Floats) -> None:
    """Note raw scores of the running tick."""
    for part in range(PARTS):
        table.waiting[part, bucket_of(raws[part])] += np.float32(1.0)
        table.waiting_largest[part] = max(table.waiting_largest[part], raws[part])


@kernel
def learn(table: Table, history: int) -> None:
    """Count the raw scores of the tick that ended. At `history` every count loses half, the least are dropped."""
    for part in range(PARTS):
        counts, total = table.counts[part], 0.0
        for bucket in range(BUCKETS):
            counts[bucket] += table.waiting[part, bucket]
            table.waiting[part, bucket] = np.float32(0.0)
            total += counts[bucket]
        largest = max(table.largest[part], table.waiting_largest[part])
        table.waiting_largest[part] = 0.0
        if total >= history:
            total, highest = 0.0, 0
            for bucket in range(BUCKETS):
                half = counts[bucket] * np.float32(0.5)
                counts[bucket] = half if half >= FORGOTTEN else np.float32(0.0)
                total += counts[bucket]
                highest = bucket if counts[bucket] > 0.0 else highest
            largest = min(largest, upper_edge(highest))
        table.total[part], table.largest[part] = total, largest
