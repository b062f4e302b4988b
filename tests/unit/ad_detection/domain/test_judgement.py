"""A model and the streaming detector, in one form."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ad_data.columns import Columns
from ad_detection.domain import judgement as judgement_module
from ad_detection.domain import residents as residents_module
from ad_detection.domain import snapshots
from ad_detection.domain.control import StreamSettings
from ad_detection.domain.judgement import ModelJudgement, judge_by_streaming
from ad_detection.domain.state import PartitionState
from ad_detectors.model import Model
from tests.support.memory import limited
from tests.support.records import sensor_rule
from tests.support.snapshots import written_and_read


def columns(rows: int, entities: int | None = None) -> Columns:
    rng = np.random.default_rng(0)
    place = np.arange(rows, dtype=np.int64)
    return Columns(
        features=rng.normal(size=(rows, 2)),
        names=("load", "heat"),
        time_ms=place,
        messages=place,
        rows=np.zeros(rows, dtype=np.int64),
        entities=[f"e{number}" for number in range(entities)] if entities else None,
        entity_codes=place % entities if entities else None,
    )


def test_a_model_is_neither_cold_nor_moved_by_what_it_scores() -> None:
    data = columns(50)
    model = Model.train("zscore", data.features, data.names)
    first, second = ModelJudgement(model, data), ModelJudgement(model, data)
    np.testing.assert_array_equal(first.score, second.score)
    assert not first.cold.any()
    assert first.details(np.array([3])).contributions.shape == (1, 2)


def test_entities_learn_apart_and_grow_beyond_the_first_capacity() -> None:
    state, rule = PartitionState(), sensor_rule()
    judgement = judge_by_streaming(state, rule, columns(4000, entities=100))
    assert len(judgement.score) == 4000
    assert judgement.cold[:100].all()
    assert not judgement.cold[-100:].any()
    assert state.streams[rule.key].entities.capacity == 100


def cut(data: Columns, start: int, stop: int) -> Columns:
    """Some rows, with the entities that come in them."""
    own = data.entity_codes[start:stop]
    distinct = list(dict.fromkeys(own.tolist()))
    return Columns(
        features=data.features[start:stop],
        names=data.names,
        time_ms=data.time_ms[start:stop],
        messages=data.messages[start:stop],
        rows=data.rows[start:stop],
        entities=[data.entities[code] for code in distinct],
        entity_codes=np.array([distinct.index(code) for code in own.tolist()], dtype=np.int64),
    )


@pytest.mark.parametrize("size", [7, 100, 1000])
def test_with_a_limit_any_cut_into_batches_gives_the_same_bits(size: int, monkeypatch) -> None:
    monkeypatch.setattr(judgement_module, "PASSING_BYTES", 5_000)
    rule = sensor_rule(settings=StreamSettings(algorithm="ewma", max_entities=20))
    data = replace(
        columns(1000, entities=60), entity_codes=np.random.default_rng(3).geometric(0.08, 1000) % 60
    )
    whole = judge_by_streaming(PartitionState(), rule, data)
    assert whole.evicted > 0
    assert whole.refused > 0
    state = PartitionState()
    parts = [judge_by_streaming(state, rule, cut(data, at, at + size)) for at in range(0, 1000, size)]
    assert np.concatenate([part.score for part in parts]).tobytes() == whole.score.tobytes()
    assert np.concatenate([part.cold for part in parts]).tobytes() == whole.cold.tobytes()
    assert sum(part.evicted for part in parts) == whole.evicted
    assert sum(part.refused for part in parts) == whole.refused


@pytest.mark.parametrize("algorithm", ["adaptive", "ewma", "half_space_trees", "seasonal"])
def test_where_memory_is_limited_scores_and_snapshots_are_the_same_bits(
    algorithm: str, monkeypatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(residents_module, "FLOOR_BYTES", 5_000)
    rule = sensor_rule(settings=StreamSettings(algorithm=algorithm, max_entities=50))
    data = replace(columns(900, entities=80), entity_codes=np.random.default_rng(5).geometric(0.03, 900) % 80)
    memory = limited(tmp_path)
    plain, tight = PartitionState(), PartitionState(memory=memory)
    for start in range(0, 900, 150):
        batch = cut(data, start, start + 150)
        one, other = judge_by_streaming(plain, rule, batch), judge_by_streaming(tight, rule, batch)
        assert other.score.tobytes() == one.score.tobytes()
        assert other.cold.tobytes() == one.cold.tobytes()
        assert (other.evicted, other.refused) == (one.evicted, one.refused)
        if start == 450:
            tight = written_and_read(tight, memory=memory)
    assert memory.take_counts() > (0, 0)
    assert list(snapshots.parts(tight, whole=True)) == list(snapshots.parts(plain, whole=True))


def test_a_state_of_before_there_was_a_limit_goes_on_under_it(tmp_path: Path) -> None:
    rule, data = sensor_rule(settings=StreamSettings(algorithm="ewma")), columns(400, entities=40)
    state, plain = PartitionState(), PartitionState()
    judge_by_streaming(state, rule, data)
    judge_by_streaming(plain, rule, data)
    memory = limited(tmp_path)
    state.limit(memory)
    stream = state.streams[rule.key]
    assert memory.total.spilled_bytes == 40 * stream.entity_bytes
    one, other = judge_by_streaming(plain, rule, data), judge_by_streaming(state, rule, data)
    assert other.score.tobytes() == one.score.tobytes()


def test_an_entity_that_is_not_taken_in_is_scored_as_a_newcomer_and_leaves_nothing_behind() -> None:
    rule = sensor_rule(settings=StreamSettings(max_entities=10))
    state, data = PartitionState(), columns(400, entities=9)
    judge_by_streaming(state, rule, data)
    before = state.streams[rule.key].entities.names()
    strange = replace(cut(data, 0, 1), entities=["strange"])
    judgement = judge_by_streaming(state, rule, strange)
    first = judge_by_streaming(PartitionState(), rule, strange)
    assert judgement.refused == 1
    assert judgement.score.tobytes() == first.score.tobytes()
    assert judgement.cold.tolist() == [True]
    assert state.streams[rule.key].entities.names() == before
    assert judge_by_streaming(state, rule, strange).refused == 0
    assert state.streams[rule.key].entities.names() == [*before, "strange"]


def test_an_evicted_entity_begins_anew_when_it_comes_back() -> None:
    rule = sensor_rule(settings=StreamSettings(max_entities=4))
    state, data = PartitionState(), columns(400, entities=4)
    assert not judge_by_streaming(state, rule, data).cold[-4:].any()
    newcomer = replace(cut(data, 0, 2), entities=["new"], entity_codes=np.zeros(2, dtype=np.int64))
    assert judge_by_streaming(state, rule, newcomer).evicted == 1
    back = replace(cut(data, 0, 2), entities=["e0"], entity_codes=np.zeros(2, dtype=np.int64))
    assert judge_by_streaming(state, rule, back).cold.all()
    known = replace(cut(data, 0, 1), entities=["e3"])
    assert not judge_by_streaming(state, rule, known).cold.any()


def test_a_stream_without_entities_is_one_entity() -> None:
    state, rule = PartitionState(), sensor_rule()
    judge_by_streaming(state, rule, columns(40))
    assert state.streams[rule.key].entities.names() == [""]


def test_the_alert_probability_of_a_stream_is_obeyed() -> None:
    settings = StreamSettings(alert_probability=0.25)
    judgement = judge_by_streaming(PartitionState(), sensor_rule(settings=settings), columns(10))
    assert judgement.threshold == pytest.approx(-np.log10(0.25))


def test_what_another_release_of_the_detector_learnt_is_begun_anew() -> None:
    state, rule = PartitionState(), sensor_rule()
    judge_by_streaming(state, rule, columns(40))
    stream = state.streams[rule.key]
    stream.arrays["an_array_of_an_older_release"] = stream.arrays.pop("rows")
    stream.fits = None  # as after loading a snapshot
    judgement = judge_by_streaming(state, rule, columns(40))
    assert judgement.cold[0]
    assert state.streams[rule.key] is not stream


@pytest.mark.parametrize("change", [{"algorithm": "ewma"}, {"parameters": {"size": "light"}}])
def test_another_detector_scores_from_the_next_batch_on_and_begins_anew(change) -> None:
    state, rule = PartitionState(), sensor_rule()
    assert not judge_by_streaming(state, rule, columns(40)).cold[-1]
    other = sensor_rule(settings=StreamSettings(**change))
    judgement = judge_by_streaming(state, other, columns(40))
    assert judgement.algorithm == other.settings.algorithm
    assert judgement.cold[0]
    restored = written_and_read(state)
    assert not judge_by_streaming(restored, other, columns(40)).cold[0]


def test_another_alert_probability_leaves_what_was_learnt() -> None:
    state, rule = PartitionState(), sensor_rule()
    judge_by_streaming(state, rule, columns(40))
    bolder = sensor_rule(settings=StreamSettings(alert_probability=0.2))
    assert not judge_by_streaming(state, bolder, columns(40)).cold[0]


def test_what_a_snapshot_holds_is_gone_on_with() -> None:
    state, rule = PartitionState(), sensor_rule()
    judge_by_streaming(state, rule, columns(40))
    again = written_and_read(state)
    assert not judge_by_streaming(again, rule, columns(40)).cold.any()
