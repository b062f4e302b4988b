"""What is told of judged rows."""

from dataclasses import replace

import numpy as np

from ad_data.columns import Columns
from ad_detection.domain.episodes import Episode
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.judgement import ModelJudgement
from ad_detection.domain.reports import Judged, anomalies, rejected, score_block
from ad_detectors.model import Model
from tests.support.records import TENANT, TOPIC, Stored, sensor_rule

HEADERS = (("ce_id", b"batch.0"), ("ad_batch_id", b"batch"), ("content-type", b"application/json"))
RULE = sensor_rule(model="pumps", version=2)
EPISODES = {row: Episode("the first", 4) for row in range(2)}


def judged(values: list[list[float]], headers=HEADERS) -> Judged:
    """Rows of one message, whose places in the body are 10, 11, …"""
    rows = np.array(values)
    model = Model.train("zscore", np.random.default_rng(0).normal(size=(300, 2)), ["load", "heat"])
    columns = Columns(
        features=rows,
        names=("load", "heat"),
        time_ms=np.arange(len(rows), dtype=np.int64) + 5,
        messages=np.zeros(len(rows), dtype=np.int64),
        rows=np.arange(10, 10 + len(rows), dtype=np.int64),
        entities=["s1"],
        entity_codes=np.zeros(len(rows), dtype=np.int64),
    )
    batch = Incoming(TENANT, TOPIC, 3, [Stored(7, b"{}", headers)], 99)
    late = np.arange(len(columns)) == 1
    return Judged(batch, RULE, batch.records, columns, ModelJudgement(model, columns), late)


def test_an_anomaly_says_where_it_stands_what_found_it_and_why() -> None:
    [found] = anomalies(judged([[0.0, 0.0], [50.0, np.nan]]), EPISODES)
    assert (found.record_id, found.offset, found.row, found.entity) == ("batch/11", 7, 11, "s1")
    assert (found.model_version, found.event_time_ms, found.detected_time_ms) == ("pumps@2", 6, 99)
    assert found.value == {"load": 50.0}, "a missing value is absent, never NaN"
    assert found.upper["load"] < 50.0 < found.contributions["load"] * 50.0
    assert found.imputed
    assert (found.late, found.kind) == (True, "record")
    assert (found.episode_id, found.episode_start_time_ms) == ("the first", 4)


def test_its_id_depends_on_where_the_record_stands_and_on_the_version_alone() -> None:
    first, again = (anomalies(judged([[50.0, 0.0]]), EPISODES)[0] for _ in range(2))
    other = anomalies(replace(judged([[50.0, 0.0]]), rule=sensor_rule(model="pumps", version=3)), EPISODES)[0]
    assert first.id == again.id != other.id


def test_scores_of_all_rows_have_the_ids_of_their_records() -> None:
    block = score_block(judged([[0.0, 0.0], [1.0, 1.0]]))
    assert block.record_ids.to_list() == ["batch/10", "batch/11"]
    assert block.entities.to_list() == ["s1", "s1"]
    assert score_block(judged([[0.0, 0.0]], headers=())).record_ids.to_list() == [f"{TOPIC}/3/7/10"]


def test_rows_without_anything_odd_tell_nothing() -> None:
    assert anomalies(judged([[0.0, 0.0]]), {}) == []


def test_a_rejected_record_keeps_its_bytes_and_its_place() -> None:
    record = Stored(4, b"\xff", HEADERS)
    told = rejected(Incoming(TENANT, TOPIC, 3, [record], 99), "sensors", record, "garbage")
    assert (told.raw, told.offset, told.partition, told.reason) == (b"\xff", 4, 3, "garbage")
    assert [(each["name"], each["value"]) for each in told.headers] == list(HEADERS)
