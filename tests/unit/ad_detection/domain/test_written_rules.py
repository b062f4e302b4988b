"""Switches of rules as bytes."""

import pytest

from ad_detection.domain.control import Challenger
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.state import PartitionState
from ad_detection.domain.written_rules import (
    SnapshotError,
    apply_switch,
    rule_from_builtins,
    rule_to_builtins,
    switch_to_bytes,
)
from ad_detection.usecases.score_batch import score_batch
from tests.support.records import TENANT, TOPIC, sensor_records, sensor_rule


def learnt() -> PartitionState:
    rule = sensor_rule(model=None, revision=4)
    state = PartitionState(rules={rule.key: rule})
    score_batch(state, {}, Incoming(TENANT, TOPIC, 0, sensor_records(300, sensors=20), 0))
    return state


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


def test_a_switch_to_a_stream_that_is_made_anew_forgets_the_one_before() -> None:
    state = learnt()
    again = sensor_rule(revision=6, generation=2)
    apply_switch(state, switch_to_bytes(dict(state.rules), {again.key: again}))
    assert (state.rules, state.streams) == ({again.key: again}, {})


def test_a_damaged_switch_is_refused() -> None:
    with pytest.raises(SnapshotError, match="damaged"):
        apply_switch(learnt(), b"{}")


def test_a_rule_that_was_written_before_a_setting_was_known_has_its_default() -> None:
    rule = sensor_rule()
    body = rule_to_builtins(rule)
    del body["settings"]["max_entities"], body["challengers"], body["generation"]
    assert rule_from_builtins(body) == rule


def test_challengers_are_part_of_a_switch() -> None:
    state, shadow = learnt(), sensor_rule(challengers=(Challenger("pumps", 2), Challenger("fans", 1)))
    apply_switch(state, switch_to_bytes(state.rules, {shadow.key: shadow}))
    assert state.rules == {shadow.key: shadow}
    assert state.rules[shadow.key].challengers[1].reference == "fans@1"
