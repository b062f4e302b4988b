"""Snapshots."""

import numpy as np
import pytest

from ad_detection.domain.grouping import Incoming
from ad_detection.domain.state import (
    PartitionState,
    SnapshotError,
    apply_switch,
    from_bytes,
    switch_to_bytes,
    to_bytes,
)
from ad_detection.usecases.score_batch import score_batch
from tests.support.records import TENANT, TOPIC, sensor_records, sensor_rule


def learnt() -> PartitionState:
    rule = sensor_rule(model=None, revision=4)
    state = PartitionState(rules={rule.key: rule})
    score_batch(state, {}, Incoming(TENANT, TOPIC, 0, sensor_records(300, sensors=20), 0))
    return state


def test_a_snapshot_gives_back_the_same_state_to_the_bit() -> None:
    state = learnt()
    again, offset = from_bytes(to_bytes(state, 300))
    assert offset == 300
    assert again.rules == state.rules
    for key, stream in state.streams.items():
        assert again.streams[key].entities == stream.entities
        assert again.streams[key].features == stream.features
        for name, array in stream.arrays.items():
            np.testing.assert_array_equal(again.streams[key].arrays[name], array)


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-20], lambda data: b"PK" + data[5:]])
def test_a_damaged_snapshot_is_refused(damage) -> None:
    with pytest.raises(SnapshotError, match="damaged"):
        from_bytes(damage(to_bytes(learnt(), 300)))


def test_a_snapshot_holds_no_pickle() -> None:
    state = learnt()
    next(iter(state.streams.values())).arrays["evil"] = np.array([object()])
    with pytest.raises(ValueError, match="pickle"):
        to_bytes(state, 300)


def test_a_switch_changes_what_differs_and_forgets_what_is_gone() -> None:
    state = learnt()
    other, changed = sensor_rule(stream="others"), sensor_rule(model="pumps", version=2, revision=4)
    before = dict(state.rules)
    apply_switch(state, switch_to_bytes(before, {changed.key: changed, other.key: other}))
    assert state.rules == {changed.key: changed, other.key: other}
    assert set(state.streams) == {changed.key}
    apply_switch(state, switch_to_bytes(state.rules, {other.key: other}))
    assert state.rules == {other.key: other}
    assert state.streams == {}


def test_a_damaged_switch_is_refused() -> None:
    with pytest.raises(SnapshotError, match="damaged"):
        apply_switch(learnt(), b"{}")
