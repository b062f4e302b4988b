"""Scoring a batch: who is scored by what, what is rejected, and that nothing else plays a part."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from ad_contracts.headers import GENERATION
from ad_data.schema import Field, StreamSchema
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.results import Results
from ad_detection.domain.state import PartitionState
from ad_detection.usecases.score_batch import score_batch
from ad_detectors.model import Model
from tests.support.records import TENANT, TOPIC, Stored, sensor_records, sensor_rule, stored

NOW = 1_700_000_100_000


def state_of(*rules) -> PartitionState:
    return PartitionState(rules={rule.key: rule for rule in rules})


def score(state: PartitionState, records: list[Stored], models=None) -> Results:
    return score_batch(state, models or {}, Incoming(TENANT, TOPIC, 2, records, NOW))


def scores_by_id(*results: Results) -> dict[str, float]:
    return {
        record_id: value
        for result in results
        for block in result.scores
        for record_id, value in zip(block.record_ids.to_list(), block.score.tolist(), strict=True)
    }


def trained(rule_records: int = 500) -> Model:
    rng = np.random.default_rng(1)
    return Model.train(
        "isolation_forest", rng.normal((10.0, 50.0), (1.0, 5.0), (rule_records, 2)), ["load", "heat"]
    )


def test_every_record_is_scored_once_and_named_by_where_it_stands() -> None:
    results = score(state_of(sensor_rule()), sensor_records(100))
    assert results.rows.total() == 100
    assert list(scores_by_id(results)) == [f"records.default/2/{row}/0" for row in range(100)]


def test_a_jump_is_an_anomaly_of_its_entity_with_an_explanation() -> None:
    results = score(state_of(sensor_rule()), sensor_records(600, spikes=[550]))
    [anomaly] = [found for found in results.anomalies if found.offset == 550]
    assert (anomaly.entity, anomaly.algorithm, anomaly.model_version) == ("s1", "adaptive", None)
    assert anomaly.value["load"] > anomaly.upper["load"]
    assert sum(anomaly.contributions.values()) == pytest.approx(anomaly.score)
    assert not anomaly.cold


@pytest.mark.parametrize("cuts", [(1,), (50, 51), (7, 100, 333), tuple(range(0, 600, 13))])
def test_any_cut_into_batches_gives_the_same_bits(cuts: tuple[int, ...]) -> None:
    records = sensor_records(600, spikes=[300, 420])
    whole = score(state_of(sensor_rule()), records)
    state, parts = state_of(sensor_rule()), []
    for start, stop in zip((0, *cuts), (*cuts, 600), strict=True):
        if records[start:stop]:
            parts.append(score(state, records[start:stop]))
    assert scores_by_id(*parts) == scores_by_id(whole)
    assert [each.id for part in parts for each in part.anomalies] == [each.id for each in whole.anomalies]


def test_a_model_scores_its_stream_and_names_its_version() -> None:
    rule = sensor_rule(model="pumps", version=3)
    results = score(state_of(rule), sensor_records(50, spikes=[20]), {rule.key: trained()})
    assert {block.rule.model_version for block in results.scores} == {"pumps@3"}
    assert 20 in {found.offset for found in results.anomalies}
    assert {found.algorithm for found in results.anomalies} == {"isolation_forest"}


def test_the_scores_of_a_model_are_those_of_the_model_itself() -> None:
    rule, model = sensor_rule(model="pumps", version=1), trained()
    results = score(state_of(rule), sensor_records(50), {rule.key: model})
    values = np.random.default_rng(0).normal((10.0, 50.0), (1.0, 5.0), size=(50, 2))
    assert list(scores_by_id(results).values()) == model.score(values).score.tolist()


def test_one_bad_record_is_rejected_with_its_raw_bytes_and_the_others_go_on() -> None:
    records = sensor_records(10)
    records[4] = stored(4, b'{"sensor": "s1", "load": ')
    records[6] = stored(6, {"sensor": "s1", "load": "warm", "heat": 1.0})
    results = score(state_of(sensor_rule()), records)
    assert results.rows.total() == 8
    assert {found.offset: found.raw for found in results.rejected} == {
        4: records[4].value,
        6: records[6].value,
    }
    assert {found.field for found in results.rejected} == {None, "load"}


def test_a_record_of_an_unknown_stream_is_rejected_by_name() -> None:
    results = score(state_of(sensor_rule()), [stored(0, {"load": 1.0}, stream="nobody")])
    assert results.rows.total() == 0
    assert "'nobody' does not exist" in results.rejected[0].reason


def test_a_record_without_a_header_belongs_to_the_only_stream_of_its_topic() -> None:
    plain = [Stored(row, record.value) for row, record in enumerate(sensor_records(5))]
    assert score(state_of(sensor_rule()), plain).rows.total() == 5


def test_a_record_without_a_header_among_several_streams_is_rejected() -> None:
    plain = [Stored(0, sensor_records(1)[0].value)]
    results = score(state_of(sensor_rule(), sensor_rule(stream="others")), plain)
    assert "ce_source must name the stream" in results.rejected[0].reason


def test_missing_values_never_become_a_score_that_is_no_number() -> None:
    records = [stored(row, {"sensor": "s0", "load": None if row % 2 else 1.0 * row}) for row in range(100)]
    scores = scores_by_id(score(state_of(sensor_rule()), records))
    assert len(scores) == 100
    assert np.isfinite(list(scores.values())).all()


def test_records_without_a_time_of_their_own_have_the_time_at_which_they_were_stored() -> None:
    [block] = score(state_of(sensor_rule()), sensor_records(3)).scores
    assert block.time_ms.tolist() == [1_700_000_000_000] * 3


def test_streams_in_one_batch_do_not_mix() -> None:
    other = sensor_rule(stream="others", schema=StreamSchema(fields=(Field("x"),)))
    mixed = [
        record
        for row, record in enumerate(sensor_records(40))
        for record in (record, stored(1000 + row, {"x": 1.0}, stream="others"))
    ]
    apart = scores_by_id(score(state_of(sensor_rule()), sensor_records(40)))
    together = scores_by_id(score(state_of(sensor_rule(), other), mixed))
    assert {name: together[name] for name in apart} == apart


def test_streams_of_one_schema_are_scored_as_if_each_were_alone() -> None:
    """They are decoded together, bad records too."""
    names = ("north", "south", "west")
    rules = [sensor_rule(stream=name) for name in names]
    bodies = [json.loads(record.value or b"") for record in sensor_records(90, spikes=[80])]
    records = [stored(place, body, names[place * 7 % 3]) for place, body in enumerate(bodies)]
    records[20] = stored(20, b"{", names[20 * 7 % 3])
    records[21] = stored(21, {"load": 1.0, "heat": 2.0}, names[21 * 7 % 3])
    together = score(state_of(*rules), records)
    apart = [
        score(
            state_of(rule),
            [each for each in records if (("ce_source", rule.stream.encode())) in each.headers],
        )
        for rule in rules
    ]
    assert scores_by_id(together) == scores_by_id(*apart)
    assert len(scores_by_id(together)) == 88
    assert sorted((each.stream, each.offset, each.reason) for each in together.rejected) == sorted(
        (each.stream, each.offset, each.reason) for result in apart for each in result.rejected
    )
    assert {(each.stream, each.offset) for each in together.rejected} == {
        (names[20 * 7 % 3], 20),
        (names[21 * 7 % 3], 21),
    }
    assert together.rows == sum((result.rows for result in apart), Counter())


def accepted(records: list[Stored], generation: int) -> list[Stored]:
    """As ingestion writes them: they say of which stream of the name they are."""
    header = (GENERATION, str(generation).encode())
    return [replace(each, headers=(header, *each.headers)) for each in records]


def test_records_of_a_deleted_stream_are_not_taken_for_those_of_the_next_of_its_name() -> None:
    state = state_of(sensor_rule(generation=2))
    old, new, foreign = (sensor_records(3) for _ in range(3))
    results = score(state, [*accepted(old, 1), *accepted(new, 2), *foreign])
    assert len(scores_by_id(results)) == 3
    assert results.rows.total() == 6
    assert [each.offset for each in results.rejected] == [0, 1, 2]
    assert {each.reason for each in results.rejected} == {
        "stream 'sensors' was deleted and made anew since the record was accepted"
    }


def test_anomalies_say_of_which_stream_of_the_name_they_are() -> None:
    results = score(state_of(sensor_rule(generation=3)), sensor_records(600, spikes=[550]))
    assert {each.generation for each in results.anomalies} == {3}
