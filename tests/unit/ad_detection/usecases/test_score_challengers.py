"""Challengers in a batch: they score what the champion scored, are counted, and disturb nothing."""

from dataclasses import replace

import numpy as np

from ad_contracts.codec import AvroCodec
from ad_detection.adapters.outputs import OutputWriter
from ad_detection.domain.comparison import Pair
from ad_detection.domain.control import Challenger, StreamSettings
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.results import Results
from ad_detection.domain.state import PartitionState
from ad_detection.usecases.score_batch import score_batch
from ad_detectors.model import Model
from tests.support.comparisons import Broken
from tests.support.records import TENANT, TOPIC, Stored, sensor_records, sensor_rule

TWO, THREE = Challenger("pumps", 2), Challenger("pumps", 3)
RECORDS = sensor_records(600, spikes=[100, 550])


def model(threshold: float = 4.0) -> Model:
    rows = np.random.default_rng(1).normal((10.0, 50.0), (1.0, 5.0), (500, 2))
    return replace(Model.train("zscore", rows, ["load", "heat"]), threshold=threshold)


CHAMPION, LOUD = model(), model(1.0)


def score(challengers, records: list[Stored] = RECORDS, rule=None, state=None) -> Results:
    rule = rule or sensor_rule(model="pumps", version=1)
    state = state or PartitionState(rules={rule.key: rule})
    batch = Incoming(TENANT, TOPIC, 2, records, 5)
    models = {rule.key: CHAMPION} if rule.model else {}
    return score_batch(state, models, batch, {rule.key: challengers})


def test_a_challenger_scores_every_record_and_raises_no_anomaly() -> None:
    alone, beside = score({}), score({TWO: LOUD})
    assert beside.anomalies == alone.anomalies
    assert beside.rows == alone.rows
    champion, challenger = beside.scores
    assert [block.rule.model_version for block in beside.scores] == ["pumps@1", "pumps@2"]
    assert challenger.record_ids.to_list() == champion.record_ids.to_list()
    np.testing.assert_array_equal(challenger.score, champion.score)
    assert challenger.label.sum() > champion.label.sum()


def test_messages_of_a_challenger_are_events_of_their_own() -> None:
    messages = OutputWriter(AvroCodec()).messages(score({TWO: LOUD}))
    scores = [dict(message.headers)["ce_id"] for message in messages if message.topic == "scores.default"]
    assert scores == [b"records.default/2/0/0", b"records.default/2/0/0/pumps@2"]


def test_what_both_say_is_counted_as_by_hand() -> None:
    beside = score({TWO: LOUD})
    champion, challenger = (set(np.flatnonzero(block.label).tolist()) for block in beside.scores)
    counts = beside.comparisons[Pair(TENANT, "sensors", "pumps@1", "pumps@2")]
    assert champion >= {100, 550}
    assert (counts.rows, counts.champion_alerts, counts.challenger_alerts, counts.both) == (
        600,
        len(champion),
        len(challenger),
        len(champion & challenger),
    )


def test_without_published_scores_challengers_are_counted_all_the_same() -> None:
    silent = sensor_rule(model="pumps", version=1, settings=StreamSettings())
    results = score({TWO: LOUD, THREE: CHAMPION}, rule=silent)
    assert results.scores == []
    assert {pair.challenger: counts.rows for pair, counts in results.comparisons.items()} == {
        "pumps@2": 600,
        "pumps@3": 600,
    }


def test_beside_the_streaming_detector_its_state_and_scores_stay_to_the_bit() -> None:
    states = [PartitionState(rules={rule.key: rule}) for rule in (sensor_rule(), sensor_rule())]
    alone = score({}, rule=sensor_rule(), state=states[0])
    beside = score({TWO: LOUD}, rule=sensor_rule(), state=states[1])
    np.testing.assert_array_equal(beside.scores[0].score, alone.scores[0].score)
    first, second = (next(iter(state.streams.values())).arrays for state in states)
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])
    [pair] = beside.comparisons
    assert (pair.champion, pair.challenger) == ("adaptive", "pumps@2")


def test_one_that_cannot_score_is_told_of_and_the_others_go_on() -> None:
    alone, beside = score({}), score({TWO: Broken(), THREE: LOUD})
    assert beside.failures == {
        (sensor_rule().key, TWO): "FloatingPointError: overflow in kernel",
    }
    assert beside.anomalies == alone.anomalies
    assert [pair.challenger for pair in beside.comparisons] == ["pumps@3"]
    assert [block.rule.model_version for block in beside.scores] == ["pumps@1", "pumps@3"]
