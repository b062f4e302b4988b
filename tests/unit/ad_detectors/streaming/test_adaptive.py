"""The default detector of a stream, on streams that tell a story."""

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.streaming.adaptive import Adaptive


def run(values, **parameters):
    detector = Adaptive(**parameters)
    rows = np.asarray(values, float).reshape(len(values), -1)
    slots = np.zeros(len(rows), np.int64)
    return detector.update(detector.new_state(1, rows.shape[1]), slots, rows, slots)


NOISE = np.random.default_rng(1).normal(size=3000)


def test_noise_alone_gives_few_alerts() -> None:
    assert run(NOISE).anomaly.sum() <= 20


def test_after_an_alert_there_is_a_pause() -> None:
    values = NOISE.copy()
    values[2000:2100] += 50 + 3 * np.arange(100) % 7
    alerts = np.flatnonzero(run(values).anomaly[2000:2100])
    assert alerts[0] == 0
    assert len(alerts) <= 2


def test_something_far_more_novel_breaks_the_pause() -> None:
    values = NOISE.copy()
    values[2000], values[2010] = 20.0, 2000.0
    result = run(values)
    assert result.anomaly[2000]
    assert result.anomaly[2010]
    assert not run(values, breakthrough=1e9).anomaly[2010]


def test_a_level_that_was_seen_before_is_not_novel() -> None:
    values = NOISE.copy()
    values[1000], values[2500] = 50.0, 50.0
    result = run(values)
    assert result.anomaly[1000]
    assert not result.anomaly[2500]


def test_a_spike_in_one_of_many_features_is_found_and_named() -> None:
    rows = np.random.default_rng(2).normal(size=(800, 10))
    rows[700, 4] = 30.0
    result = run(rows)
    assert result.anomaly[700]
    assert result.contributions[700].argmax() == 4


def test_the_bounds_are_where_a_value_becomes_an_alert() -> None:
    result = run(NOISE)
    outside = (result.upper[:, 0] < NOISE) | (result.lower[:, 0] > NOISE)
    improbable = result.probability < 0.01
    warm = ~result.cold
    assert (outside == improbable)[warm].mean() > 0.999


def test_a_constant_stream_is_silent_until_it_moves() -> None:
    result = run([5.0] * 300 + [6.0])
    assert not result.anomaly[:300].any()
    assert result.anomaly[300]


def test_lengths_and_slots_are_checked() -> None:
    detector = Adaptive()
    state = detector.new_state(2)
    with pytest.raises(DataError, match="slots 0 to 1"):
        detector.update(state, np.array([-1]), [[1.0]], np.array([0]))
    with pytest.raises(DataError, match="1 rows came with 2 slots"):
        detector.update(state, np.array([0, 1]), [[1.0]], np.array([0]))
    with pytest.raises(DataError, match="at least one slot"):
        detector.new_state(0)


def test_a_state_that_is_not_its_own_is_refused() -> None:
    detector = Adaptive()
    slots, row = np.zeros(1, np.int64), [[1.0]]
    state = detector.new_state(1)
    with pytest.raises(DataError, match="differ in rows"):
        detector.update({k: v for k, v in state.items() if k != "rows"}, slots, row, slots)
    with pytest.raises(DataError, match="'seen' of the state must be writable"):
        detector.update({**state, "seen": state["seen"].astype(np.int32)}, slots, row, slots)
    state["known"].setflags(write=False)
    with pytest.raises(DataError, match="copy a snapshot"):
        detector.update(state, slots, row, slots)
