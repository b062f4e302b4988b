"""The default detector of a stream, on streams that tell a story."""

import numpy as np
import pytest

from ad_detectors import catalog
from ad_detectors.checks.streaming_contract import STREAMING
from ad_detectors.errors import DataError, ParameterError
from ad_detectors.kernels.adaptive import update_rows
from ad_detectors.streaming.adaptive import Adaptive

MINUTE_MS = 60_000


def run(values, minutes=5, **parameters):
    detector = Adaptive(**parameters)
    rows = np.asarray(values, float).reshape(len(values), -1)
    slots = np.zeros(len(rows), np.int64)
    times = np.arange(len(rows)) * minutes * MINUTE_MS
    return detector.update(detector.new_state(1, rows.shape[1]), slots, rows, times)


NOISE = np.random.default_rng(1).normal(size=3000)


@pytest.mark.parametrize("size", ["light", "rich"])
def test_noise_alone_gives_few_alerts(size) -> None:
    assert run(NOISE, size=size).anomaly.sum() <= 6


@pytest.mark.parametrize("size", ["light", "rich"])
def test_on_noise_a_score_is_no_more_frequent_than_it_says(size) -> None:
    scores = run(np.random.default_rng(3).lognormal(size=20_000), size=size).score
    for score in (2, 3):
        assert (scores > score).mean() < 10.0**-score


@pytest.mark.parametrize(("size", "most"), [("light", 1000), ("rich", 20_000)])
def test_the_state_of_an_entity_fits_in_what_its_size_allows(size, most) -> None:
    state = Adaptive(size=size).new_state(10)
    assert sum(array.nbytes for array in state.values()) <= 10 * most


@pytest.mark.parametrize("size", ["light", "rich"])
def test_a_usual_value_at_an_unusual_time_of_the_week_is_an_alert(size) -> None:
    hours = np.arange(6 * 168)
    values = 10.0 * (hours % 24 > 7) + np.random.default_rng(4).normal(size=len(hours)) / 10
    night = 5 * 168 + 50
    values[night] += 10.0
    result = run(values, minutes=60, size=size)
    assert result.anomaly[night]
    assert values.min() < values[night] < values.max()
    assert result.upper[night, 0] < values[night]
    assert abs(result.expected[night, 0]) < 1


def test_a_drift_that_no_single_value_betrays_is_seen_by_the_rich_size() -> None:
    values = np.random.default_rng(5).normal(size=2000)
    values[1500:1600] = np.abs(values[1500:1600]) / 2 + 1.0
    highest = {size: run(values, size=size).score[1500:1600].max() for size in ("light", "rich")}
    assert highest["rich"] > 2 > highest["light"]


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


@pytest.mark.parametrize("size", ["light", "rich"])
def test_a_level_that_was_seen_before_is_not_novel(size) -> None:
    values = NOISE.copy()
    values[1000::200] = 50.0
    result = run(values, size=size)
    assert result.anomaly[1000]
    assert not result.anomaly[1200::200].any()
    assert (result.score[1200::200] < result.score[1000] - 2).all()


def test_a_spike_in_one_of_many_features_is_found_and_named() -> None:
    rows = np.random.default_rng(2).normal(size=(800, 10))
    rows[700, 4] = 30.0
    result = run(rows)
    assert result.anomaly[700]
    assert result.contributions[700].argmax() == 4


@pytest.mark.parametrize("size", ["light", "rich"])
def test_the_bounds_are_where_a_value_becomes_improbable(size) -> None:
    result = run(NOISE, size=size)
    outside = (result.upper[:, 0] < NOISE) | (result.lower[:, 0] > NOISE)
    warm = ~result.cold
    assert outside[warm].sum() > 3
    assert (outside == (result.score > 2))[warm].mean() > 0.999


def test_alerts_become_rarer_after_an_alert_and_with_the_length_of_the_history() -> None:
    heavy = np.random.default_rng(6).standard_t(2, size=8000)
    alerts = np.flatnonzero(run(heavy).anomaly)
    improbable = np.flatnonzero(run(heavy).score > 2)
    assert 5 < len(alerts) < len(improbable) / 2
    assert (alerts > 4000).sum() <= (alerts < 4000).sum()


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
    with pytest.raises(ParameterError, match="'capacity' is 0; valid is a whole number of at least 1"):
        detector.new_state(0)


def test_a_state_that_is_not_its_own_is_refused() -> None:
    detector = Adaptive()
    slots, row = np.zeros(1, np.int64), [[1.0]]
    state = detector.new_state(1)
    with pytest.raises(DataError, match="differ in rows"):
        detector.update({k: v for k, v in state.items() if k != "rows"}, slots, row, slots)
    with pytest.raises(DataError, match="'seen' of the state must be writable"):
        detector.update({**state, "seen": state["seen"].astype(np.int32)}, slots, row, slots)
    with pytest.raises(DataError, match="'known' of the state has shape"):
        detector.update(Adaptive(size="light").new_state(1), slots, row, slots)
    state["known"].setflags(write=False)
    with pytest.raises(DataError, match="copy a snapshot"):
        detector.update(state, slots, row, slots)


@pytest.mark.parametrize("check", STREAMING, ids=lambda check: check.__name__)
def test_the_light_size_keeps_the_contract_too(check, monkeypatch) -> None:
    monkeypatch.setattr(catalog, "create_streaming", lambda _, **chosen: Adaptive(size="light", **chosen))
    check("adaptive")


def test_both_sizes_are_one_compilation() -> None:
    for size in ("light", "rich"):
        run(np.zeros((2, 3)), size=size)
    assert len(update_rows.signatures) == 1
