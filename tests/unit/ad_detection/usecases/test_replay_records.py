"""Records scored again: the same code, so the same bits, whatever the configuration beside it."""

from pathlib import Path
from uuid import uuid5

import numpy as np
import polars as pl
import pytest

from ad_contracts.ids import NAMESPACE
from ad_detection.domain import residents
from ad_detection.domain.chunks import Chunk
from ad_detection.domain.contenders import Contender
from ad_detection.domain.control import StreamSettings
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.memory import Memory
from ad_detection.domain.state import PartitionState
from ad_detection.domain.windows import Windows
from ad_detection.usecases.replay_records import NOWHERE, Replayer
from ad_detection.usecases.score_batch import score_batch
from ad_detectors.model import Model
from tests.support.memory import limited
from tests.support.meters import at, knowing, meter_rule, readings, scored
from tests.support.records import TENANT, TOPIC, Stored, sensor_records, sensor_rule

NOW = 1_700_000_100_000
RECORDS = sensor_records(3000, spikes=[1500, 2200, 2900])
ADAPTIVE = Contender(sensor_rule())
EWMA = Contender(sensor_rule(settings=StreamSettings(algorithm="ewma")))


def chunk(records: list[Stored], partition: int = 2, **more) -> Chunk:
    return Chunk(TOPIC, partition, records, 1000, 2000, **more)


def live(size: int, rule=None) -> list:
    """The anomalies of a worker that polls so many records."""
    rule = rule or sensor_rule()
    state = PartitionState(rules={rule.key: rule})
    found = []
    for start in range(0, len(RECORDS), size):
        batch = Incoming(TENANT, TOPIC, 2, RECORDS[start : start + size], NOW)
        found += score_batch(state, {}, batch).anomalies
    return found


def replayed(size: int, *contenders: Contender, memory: Memory | None = None) -> list[list]:
    replayer = Replayer(contenders, Windows([]), NOW, memory)
    found: list[list] = [[] for _ in contenders]
    for start in range(0, len(RECORDS), size):
        _, alerts = replayer.take(chunk(RECORDS[start : start + size]))
        for side, some in zip(found, alerts, strict=True):
            side.extend(some)
    return found


@pytest.mark.parametrize("size", [700, 3000])
def test_a_replay_gives_the_anomalies_of_the_live_path_to_the_bit_in_batches_of_any_size(size: int) -> None:
    expected = live(33)
    assert len(expected) >= 3
    assert replayed(size, ADAPTIVE) == [expected]


def test_within_a_limit_of_memory_a_replay_finds_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(residents, "FLOOR_BYTES", 1)
    monkeypatch.setattr(residents, "FIRST_PLACES", 2)
    memory = limited(tmp_path)
    assert replayed(500, ADAPTIVE, memory=memory) == replayed(500, ADAPTIVE)
    assert memory.take_counts() > (0, 0)


def test_a_configuration_finds_the_same_alone_and_beside_another() -> None:
    both = replayed(500, ADAPTIVE, EWMA)
    assert both == [*replayed(500, ADAPTIVE), *replayed(500, EWMA)]
    assert both[0] != both[1]


def test_what_is_only_learnt_from_is_not_told_of_and_changes_what_follows() -> None:
    replayer = Replayer([ADAPTIVE], Windows([]), NOW)
    rows, told = replayer.take(chunk(RECORDS[:2000], warm=True))
    assert (rows, told) == (2000, [[]])
    _, [found] = replayer.take(chunk(RECORDS[2000:]))
    assert found == [each for each in live(100) if each.offset >= 2000]
    assert replayer.summary()["configurations"]["a"]["scored"] == 1000


def test_partitions_know_nothing_of_each_other() -> None:
    replayer = Replayer([ADAPTIVE], Windows([]), NOW)
    replayer.take(chunk(RECORDS, partition=0))
    _, [found] = replayer.take(chunk(RECORDS, partition=2))
    assert found == live(100)


def test_anomalies_of_the_lake_are_known_by_their_record() -> None:
    replayer = Replayer([ADAPTIVE], Windows([]), NOW)
    lines = [record.value.decode() for record in RECORDS]
    frame = pl.read_ndjson("\n".join(lines).encode())
    message = Stored(
        0,
        _arrow(frame),
        (("ce_source", b"sensors"), ("content-type", b"application/vnd.apache.arrow.stream")),
    )
    ids = pl.Series([f"batch/{row + 7}" for row in range(frame.height)])
    _, [found] = replayer.take(chunk([message], partition=0, record_ids=ids))
    expected = live(100)
    assert [each.score for each in found] == [each.score for each in expected]
    assert [each.record_id for each in found] == [f"batch/{each.offset + 7}" for each in expected]
    assert {(each.partition, each.offset) for each in found} == {(NOWHERE, NOWHERE)}
    assert len({each.id for each in found}) == len(found)


def test_episodes_of_the_lake_are_named_after_their_first_record_even_when_it_was_only_learnt_from() -> None:
    rule = sensor_rule(model="pumps", version=1)
    model = Model.train("zscore", np.random.default_rng(0).normal(size=(300, 2)), ["load", "heat"])
    replayer = Replayer([Contender(rule, {rule.key: model})], Windows([]), NOW)
    frame = pl.DataFrame({"sensor": ["s1"] * 5, "load": [0.0, 9.0, 9.0, 9.0, 9.0], "heat": [0.0] * 5})
    told = []
    for start, stop, warm in ((0, 2, True), (2, 4, False), (4, 5, False)):
        headers = (("ce_source", b"sensors"), ("content-type", b"application/vnd.apache.arrow.stream"))
        message = Stored(0, _arrow(frame[start:stop]), headers)
        ids = pl.Series([f"b/{row}" for row in range(start, stop)])
        told += replayer.take(chunk([message], partition=0, record_ids=ids, warm=warm))[1][0]
    assert [each.record_id for each in told] == ["b/2", "b/3", "b/4"]
    first = str(uuid5(NAMESPACE, f"{TENANT}/sensors/b/1/pumps@1"))
    assert {each.episode_id for each in told} == {first}


def test_silence_is_told_of_in_a_replay_as_it_was_live_and_in_the_lake_under_the_same_name() -> None:
    rule = meter_rule(silence_seconds=10)
    records = readings([("a", 0), ("b", 5), ("b", 11), ("a", 40)])
    live = [found.id for found in scored(knowing(rule), records).anomalies]
    assert len(live) == 2
    logged = Replayer([Contender(rule)], Windows([]), NOW)
    ids = [found.id for record in records for found in logged.take(chunk([record], partition=0))[1][0]]
    assert ids == live
    lake = Replayer([Contender(rule)], Windows([]), NOW)
    frame = pl.DataFrame({"meter": ["a", "b", "b", "a"], "at": [at(second) for second in (0, 5, 11, 40)]})
    headers = (("ce_source", b"meters"), ("content-type", b"application/vnd.apache.arrow.stream"))
    times = pl.col("at").cast(pl.Datetime("ms", "UTC"))
    message = Stored(0, _arrow(frame.with_columns(times, load=1.0)), headers)
    _, [found] = lake.take(
        chunk([message], partition=0, record_ids=pl.Series([f"b/{row}" for row in range(4)]))
    )
    assert [each.id for each in found] == live
    assert [each.record_id for each in found] == [f"silence/{each.id}" for each in found]


def test_two_configurations_are_compared() -> None:
    replayer = Replayer([ADAPTIVE, EWMA], Windows([]), NOW)
    replayer.take(chunk(RECORDS))
    told = replayer.summary()
    a, b = told["configurations"]["a"], told["configurations"]["b"]
    compared = told["comparison"]
    assert compared["both"] + compared["only_a"] == a["alerts"]
    assert compared["both"] + compared["only_b"] == b["alerts"]
    assert -1 <= compared["rank_correlation"] <= 1
    assert Replayer([ADAPTIVE], Windows([]), NOW).summary()["comparison"] is None


def _arrow(frame: pl.DataFrame) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    frame.write_ipc_stream(buffer)
    return buffer.getvalue()


def test_it_says_which_records_of_the_log_were_scored_and_whether_any_came_before() -> None:
    replayer = Replayer([ADAPTIVE], Windows([]), NOW)
    replayer.take(chunk(RECORDS[:100], warm=True, read_from=7))
    for start in (100, 200):
        replayer.take(chunk(RECORDS[start : start + 100], read_from=7))
    replayer.take(chunk(RECORDS[:50], partition=4, read_from=0))
    replayer.take(chunk(RECORDS[:50], partition=5, warm=True, read_from=0))
    first, last = RECORDS[100].offset, RECORDS[299].offset
    assert replayer.summary()["spans"] == [
        {"partition": 2, "start": first, "stop": last + 1, "whole": False},
        {"partition": 4, "start": RECORDS[0].offset, "stop": RECORDS[49].offset + 1, "whole": True},
    ]


def test_of_the_lake_it_says_no_places() -> None:
    replayer = Replayer([ADAPTIVE], Windows([]), NOW)
    replayer.take(chunk(RECORDS[:100]))
    assert replayer.summary()["spans"] == []
