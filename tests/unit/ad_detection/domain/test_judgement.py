"""A model and the streaming detector, in one form."""

import numpy as np
import pytest

from ad_data.columns import Columns
from ad_detection.domain.control import StreamSettings
from ad_detection.domain.judgement import ModelJudgement, judge_by_streaming
from ad_detection.domain.state import PartitionState, from_bytes, to_bytes
from ad_detectors.model import Model
from tests.support.records import sensor_rule


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
    restored, _ = from_bytes(to_bytes(state, 0))
    assert not judge_by_streaming(restored, other, columns(40)).cold[0]


def test_another_alert_probability_leaves_what_was_learnt() -> None:
    state, rule = PartitionState(), sensor_rule()
    judge_by_streaming(state, rule, columns(40))
    bolder = sensor_rule(settings=StreamSettings(alert_probability=0.2))
    assert not judge_by_streaming(state, bolder, columns(40)).cold[0]


def test_what_a_snapshot_holds_is_gone_on_with() -> None:
    state, rule = PartitionState(), sensor_rule()
    judge_by_streaming(state, rule, columns(40))
    again, _ = from_bytes(to_bytes(state, 40))
    assert not judge_by_streaming(again, rule, columns(40)).cold.any()
