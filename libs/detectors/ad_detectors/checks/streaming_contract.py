"""Streaming detectors: replays, restarts and interleaved entities must give bit-equal scores."""

from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors import catalog
from ad_detectors.base import State, StreamingDetector, StreamingScores
from ad_detectors.checks.expect import expect, expect_refusal, ordinary, peculiar, same_bits
from ad_detectors.matrix import Floats

ENTITIES = 5
START_WITHIN = 32
FIRST_MS, APART_MS = 1_700_000_000_000, 23 * 60_000


def split_into_batches_does_not_matter(name: str) -> None:
    """One by one, in batches of any size, with a snapshot in between: same scores, same state."""
    slots, rows = _interleaved()
    detector = catalog.create_streaming(name)
    whole_state = detector.new_state(ENTITIES, rows.shape[1])
    whole = _run(detector, whole_state, slots, rows)
    for size in (1, 7, 100):
        state = detector.new_state(ENTITIES, rows.shape[1])
        parts = []
        for start in range(0, len(rows), size):
            state = {key: array.copy() for key, array in state.items()}
            part = slice(start, start + size)
            parts.append(_run(detector, state, slots[part], rows[part], _times(len(rows))[part]))
        expect(_same(_joined(parts), whole), f"{name}: batches of {size} give other scores")
        expect(
            all(same_bits(state[k], whole_state[k]) for k in state), f"{name}: batches of {size}, other state"
        )


def entities_do_not_influence_each_other(name: str) -> None:
    """An entity alone gets the scores that it gets among others."""
    slots, rows = _interleaved()
    detector = catalog.create_streaming(name)
    among = _run(detector, detector.new_state(ENTITIES, rows.shape[1]), slots, rows)
    for entity in range(ENTITIES):
        own = slots == entity
        state, times = detector.new_state(1, rows.shape[1]), _times(len(rows))
        alone = _run(detector, state, slots[own] * 0, rows[own], times[own])
        expect(
            same_bits(alone.score, among.score[own]), f"{name}: entity {entity} is scored by others' records"
        )


def scores_of_peculiar_values_are_finite(name: str) -> None:
    """Score, probability and contributions; an expected value may be unknown only while cold."""
    detector = catalog.create_streaming(name)
    for title, table in peculiar().items():
        rows = np.vstack([table] * 4)
        result = _run(detector, detector.new_state(1, rows.shape[1]), np.zeros(len(rows), np.int64), rows)
        for values in (result.score, result.probability, result.contributions):
            expect(np.isfinite(values).all(), f"{name} gave a value that is not finite on {title}")
        expect(
            ((result.probability > 0) & (result.probability <= 1)).all(), f"{name}: probability on {title}"
        )
        expect(not result.anomaly[result.cold].any(), f"{name} raised an alert while cold on {title}")


def entity_is_scored_within_32_records(name: str) -> None:
    """Cold before, and a cold row scores 0 with probability 1."""
    rows = ordinary(100, 1)
    detector = catalog.create_streaming(name)
    result = _run(detector, detector.new_state(1), np.zeros(100, np.int64), rows)
    expect(not result.cold[START_WITHIN:].any(), f"{name} is still cold after {START_WITHIN} records")
    expect(result.cold[0], f"{name} scores the first record of an entity")
    expect((result.score[result.cold] == 0).all(), f"{name} scores while cold")
    expect((result.probability[result.cold] == 1).all(), f"{name} has probabilities while cold")


def spike_is_an_alert_and_is_explained(name: str) -> None:
    """The feature with the spike has the largest contribution and a value outside of its bounds."""
    rows = ordinary(500, 3)
    rows[450, 1] += 20.0 * rows[:, 1].std()
    detector = catalog.create_streaming(name)
    result = _run(detector, detector.new_state(1, 3), np.zeros(500, np.int64), rows)
    expect(result.anomaly[450], f"{name} misses a spike of 20 standard deviations")
    expect(result.contributions[450].argmax() == 1, f"{name} blames another feature")
    expect(rows[450, 1] > result.upper[450, 1], f"{name}: the spike lies within the bounds")
    expect(result.score[450] >= detector.threshold, f"{name}: an alert scores below the threshold")
    sums = result.contributions.sum(axis=1)
    expect(np.allclose(sums, result.score, rtol=1e-9, atol=1e-12), f"{name}: contributions do not add up")


def new_level_becomes_normal(name: str) -> None:
    """A lasting shift alerts at its start, then the detector is silent again."""
    rows = ordinary(1200, 1)
    rows[600:] += 30.0 * rows[:600].std()
    detector = catalog.create_streaming(name)
    result = _run(detector, detector.new_state(1), np.zeros(1200, np.int64), rows)
    expect(result.anomaly[600:605].any(), f"{name} misses a level shift")
    late = int(result.anomaly[800:].sum())
    expect(late <= 4, f"{name} raises {late} alerts long after a level shift")


def missing_values_neither_score_nor_teach(name: str) -> None:
    """Rows of NaN leave the scores of the others as they are."""
    rows = ordinary(300, 1)
    detector = catalog.create_streaming(name)
    lacking = rows.copy()
    lacking[100:120] = np.nan
    result = _run(detector, detector.new_state(1), np.zeros(300, np.int64), lacking)
    expect(result.imputed[100:120].all() and not result.imputed[:100].any(), f"{name} does not mark NaN")
    expect((result.score[100:120] == 0).all(), f"{name} scores a row without values")
    expect(not result.anomaly[100:120].any(), f"{name} raises an alert for a row without values")


def times_may_jump_repeat_and_go_back(name: str) -> None:
    """Irregular, equal, late and extreme event times give finite scores, and the same ones again."""
    generator = np.random.default_rng(3)
    rows, slots = ordinary(400, 2), np.zeros(400, np.int64)
    times = _times(400) + generator.integers(-10 * APART_MS, 10 * APART_MS, 400)
    times[50:60] = times[50]
    times[100], times[200], times[300] = 0, -(2**53), 2**53
    detector = catalog.create_streaming(name)
    first, again = (_run(detector, detector.new_state(1, 2), slots, rows, times) for _ in range(2))
    expect(np.isfinite(first.score).all(), f"{name} gave a score that is not finite at odd times")
    expect(_same(first, again), f"{name}: the same records score differently")


def state_grows_and_forgets(name: str) -> None:
    """Growing keeps what was learnt; a forgotten slot is new; a state never shrinks."""
    slots, rows = _interleaved()
    detector = catalog.create_streaming(name)
    state = detector.new_state(ENTITIES, rows.shape[1])
    _run(detector, state, slots, rows)
    grown = detector.grow(state, 4 * ENTITIES)
    expect(all(same_bits(grown[k][:ENTITIES], state[k]) for k in state), f"{name} loses state by growing")
    detector.forget(grown, np.array([0]))
    fresh = detector.new_state(1, rows.shape[1])
    expect(all(same_bits(grown[k][:1], fresh[k]) for k in fresh), f"{name} does not forget")
    expect_refusal(lambda: detector.grow(grown, 1), ("shrink",), "a smaller state")


def unusable_input_is_refused_and_input_never_changed(name: str) -> None:
    """Wrong width, slots outside of the state, lengths that differ, unknown parameters."""
    detector = catalog.create_streaming(name)
    state = detector.new_state(2, 2)
    slots, rows = np.zeros(3, np.int64), ordinary(3, 2)
    before = rows.tobytes()
    _run(detector, state, slots, rows)
    expect(rows.tobytes() == before, f"{name} changed its input")
    expect_refusal(lambda: _run(detector, state, slots, rows[:, :1]), ("feature",), "a narrow row")
    expect_refusal(lambda: _run(detector, state, slots + 2, rows), ("slots",), "a slot outside of the state")
    expect_refusal(lambda: _run(detector, state, slots[:2], rows), ("rows",), "too few slots")
    halves: Any = slots + 0.5
    expect_refusal(lambda: _run(detector, state, halves, rows), ("slots", "whole"), "half a slot")
    dates: Any = np.array(["2024-01-01"] * 3, "datetime64[ns]")
    expect_refusal(
        lambda: _run(detector, state, slots, rows, dates), ("time_ms", "whole"), "dates for numbers"
    )
    expect_refusal(
        lambda: detector.forget(state, np.array([-1])), ("slots",), "forgetting a slot that is none"
    )
    expect_refusal(lambda: catalog.create_streaming(name, nothing=1), ("nothing",), "an unknown parameter")


def size_of_a_state_that_is_no_count_is_refused_by_name(name: str) -> None:
    """Slots and features are whole numbers of at least 1."""
    detector = catalog.create_streaming(name)
    state = detector.new_state(1)
    wrong: tuple[Any, ...] = ("a", 1.5, 0, -1, None)
    for value in wrong:
        calls = {
            "capacity": (partial(detector.new_state, value), partial(detector.grow, state, value)),
            "features": (partial(detector.new_state, 1, value),),
        }
        for parameter, those in calls.items():
            for call in those:
                words = (repr(parameter), repr(value), "valid")
                expect_refusal(call, words, f"{name}: {parameter} = {value!r}")


STREAMING = (
    split_into_batches_does_not_matter,
    entities_do_not_influence_each_other,
    scores_of_peculiar_values_are_finite,
    entity_is_scored_within_32_records,
    spike_is_an_alert_and_is_explained,
    new_level_becomes_normal,
    missing_values_neither_score_nor_teach,
    times_may_jump_repeat_and_go_back,
    state_grows_and_forgets,
    unusable_input_is_refused_and_input_never_changed,
    size_of_a_state_that_is_no_count_is_refused_by_name,
)


def _run(
    detector: StreamingDetector,
    state: State,
    slots: NDArray[np.int64],
    rows: Floats,
    times: NDArray[np.int64] | None = None,
) -> StreamingScores:
    return detector.update(state, slots, rows, _times(len(slots)) if times is None else times)


def _times(count: int) -> NDArray[np.int64]:
    return FIRST_MS + APART_MS * np.arange(count, dtype=np.int64)


def _interleaved() -> tuple[NDArray[np.int64], Floats]:
    generator = np.random.default_rng(5)
    rows = ordinary(1500, 2)
    rows[generator.random(rows.shape) < 0.02] = np.nan
    rows[generator.random(len(rows)) < 0.01] *= 4.0
    return generator.integers(0, ENTITIES, len(rows)), rows


def _joined(parts: list[StreamingScores]) -> StreamingScores:
    names = [field.name for field in fields(StreamingScores)]
    return StreamingScores(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


def _same(first: StreamingScores, second: StreamingScores) -> bool:
    names = [field.name for field in fields(StreamingScores)]
    return all(same_bits(getattr(first, name), getattr(second, name)) for name in names)
