"""The form of snapshots."""

import numpy as np
import pytest

from ad_detection.domain import snapshots
from ad_detection.domain.control import StreamSettings
from ad_detection.domain.episodes import Episode
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.snapshots import Part, Rebuilding
from ad_detection.domain.state import PartitionState
from ad_detection.domain.written_rules import SnapshotError
from ad_detection.usecases.score_batch import score_batch
from tests.support.records import TENANT, TOPIC, sensor_records, sensor_rule
from tests.support.snapshots import assert_equal, written_and_read


def learnt(records: int = 300, **settings) -> PartitionState:
    rule = sensor_rule(revision=4, settings=StreamSettings(**settings))
    state = PartitionState(rules={rule.key: rule})
    score(state, 0, records)
    return state


def score(state: PartitionState, start: int, stop: int, sensors: int = 20) -> None:
    records = sensor_records(stop, sensors=sensors)[start:]
    score_batch(state, {}, Incoming(TENANT, TOPIC, 0, records, 0))


def rebuilt(state: PartitionState, *links: list[bytes]) -> PartitionState:
    chain = tuple(tuple(Part(f"{part}", len(data)) for part, data in enumerate(link)) for link in links)
    rebuilding = Rebuilding(
        snapshots.manifest_from_bytes(snapshots.manifest_to_bytes(state, 7, chain)),
    )
    for link in links:
        for data in link:
            rebuilding.add(data)
    return rebuilding.state()


def test_a_snapshot_gives_back_the_same_state_to_the_bit() -> None:
    state = learnt()
    assert_equal(written_and_read(state, 300), state)


def test_episodes_that_go_on_are_in_it_in_the_order_in_which_they_began() -> None:
    state = learnt()
    [key] = state.rules
    state.episodes[key] = {"s9": Episode("a", 5), "s\u00e4": Episode("b", 6), "": Episode("c", 7)}
    assert_equal(written_and_read(state, 300), state)


def test_what_changed_is_small_and_together_with_what_was_before_it_is_everything() -> None:
    state = learnt()
    first = list(snapshots.parts(state, whole=True))
    snapshots.mark_written(state)
    score(state, 300, 302)
    changes = list(snapshots.parts(state, whole=False))
    assert sum(map(len, changes)) < sum(map(len, first)) / 4
    assert_equal(rebuilt(state, first, changes), state)


def test_where_nothing_changed_nothing_is_written() -> None:
    state = learnt()
    snapshots.mark_written(state)
    assert list(snapshots.parts(state, whole=False)) == []


def test_a_large_state_is_written_in_parts(monkeypatch) -> None:
    monkeypatch.setattr(snapshots, "PART_BYTES", 20_000)
    state = learnt()
    written = list(snapshots.parts(state, whole=True))
    assert len(written) == 5
    assert max(map(len, written)) < 60_000
    assert_equal(rebuilt(state, written), state)


def test_small_streams_share_a_part() -> None:
    rules = [sensor_rule(stream=f"s{number}") for number in range(5)]
    state = PartitionState(rules={rule.key: rule for rule in rules})
    for rule in rules:
        records = sensor_records(10)
        named = [type(record)(record.offset, record.value, headers_of(rule.stream)) for record in records]
        score_batch(state, {}, Incoming(TENANT, TOPIC, 0, named, 0))
    [part] = snapshots.parts(state, whole=True)
    assert_equal(rebuilt(state, [part]), state)


def headers_of(stream: str) -> tuple[tuple[str, bytes], ...]:
    return (("ce_source", stream.encode()), ("content-type", b"application/json"))


def test_evicted_and_refused_entities_are_part_of_what_changed() -> None:
    state = learnt(max_entities=16)
    first = list(snapshots.parts(state, whole=True))
    snapshots.mark_written(state)
    score(state, 300, 400, sensors=40)
    [stream] = state.streams.values()
    assert stream.entities.evicted
    assert stream.entities.refused
    changes = list(snapshots.parts(state, whole=False))
    again = rebuilt(state, first, changes)
    assert_equal(again, state)
    for other in (state, again):
        score(other, 400, 500, sensors=60)
    assert_equal(again, state)


def test_a_slot_that_nobody_has_any_more_is_that_of_an_entity_never_seen() -> None:
    state = learnt(0, max_entities=32)
    score(state, 0, 90, sensors=30)
    for start in (90, 91):
        score(state, start, start + 1, sensors=32 + start)  # the 31st entity, then the 32nd
        score(state, start, start + 1, sensors=32 + start)
    first = list(snapshots.parts(state, whole=True))
    snapshots.mark_written(state)
    for _ in range(2):
        score(state, 200, 201, sensors=201)
    [stream] = state.streams.values()
    assert (stream.entities.held, stream.entities.evicted) == (29, 4)
    again = rebuilt(state, first, list(snapshots.parts(state, whole=False)))
    assert_equal(again, state)
    for other in (state, again):
        score(other, 300, 400, sensors=35)
    assert_equal(again, state)


def test_what_a_stream_had_learnt_before_it_began_anew_is_forgotten() -> None:
    state = learnt()
    first = list(snapshots.parts(state, whole=True))
    snapshots.mark_written(state)
    other = sensor_rule(settings=StreamSettings(algorithm="ewma"))
    state.rules = {other.key: other}
    score(state, 300, 310)
    changes = list(snapshots.parts(state, whole=False))
    again = rebuilt(state, first, changes)
    assert_equal(again, state)
    assert [stream.algorithm for stream in again.streams.values()] == ["ewma"]


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-20], lambda data: b"PK" + data[5:]])
def test_a_damaged_part_is_refused(damage) -> None:
    state = learnt()
    with pytest.raises(SnapshotError, match="damaged"):
        rebuilt(state, [damage(part) for part in snapshots.parts(state, whole=True)])


def test_a_part_of_another_detector_is_refused() -> None:
    state = learnt()
    first, other = (
        list(snapshots.parts(each, whole=True)) for each in (state, learnt(parameters={"size": "light"}))
    )
    with pytest.raises(SnapshotError, match="damaged"):
        rebuilt(state, first, other)


@pytest.mark.parametrize("data", [b"", b"{}", b'{"format": 2}', b"[1]"])
def test_a_damaged_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(SnapshotError, match="damaged"):
        snapshots.manifest_from_bytes(data)


def test_a_manifest_of_a_later_version_is_refused_and_says_what_is_read() -> None:
    later = snapshots.manifest_to_bytes(learnt(), 300, ()).replace(b'"format":2', b'"format":3')
    with pytest.raises(SnapshotError, match="format 3; this version reads 1 and 2"):
        snapshots.manifest_from_bytes(later)


def test_a_snapshot_holds_no_pickle() -> None:
    state = learnt()
    next(iter(state.streams.values())).arrays["evil"] = np.array([object()] * 40)
    with pytest.raises(ValueError, match="pickle"):
        list(snapshots.parts(state, whole=True))
