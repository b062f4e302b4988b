"""The state of a partition."""

from dataclasses import replace

import numpy as np

from ad_detection.domain.entities import EntityTable
from ad_detection.domain.event_time import EventClock
from ad_detection.domain.state import PartitionState, StreamState, obey
from ad_detectors import catalog
from tests.support.records import sensor_rule

DETECTOR = catalog.create_streaming("ewma")


def stream() -> StreamState:
    return StreamState(("load",), EntityTable(), DETECTOR.new_state(16), "ewma")


def test_who_begins_anew_under_the_same_name_has_another_number() -> None:
    state, key = PartitionState(), ("default", "pumps")
    assert [state.begin(key, stream()).number for _ in range(2)] == [0, 1]
    assert state.streams[key].number == 1


def test_what_was_learnt_of_a_stream_without_a_rule_is_forgotten() -> None:
    state, rule = PartitionState(), sensor_rule()
    state.begin(rule.key, stream())
    state.begin(("default", "gone"), stream())
    for key in (rule.key, ("default", "gone")):
        state.watch(key, stream())
        state.clocks[key] = EventClock(7)
    obey(state, {rule.key: rule})
    assert [*state.streams, *state.watches, *state.clocks] == [rule.key] * 3
    assert state.rules == {rule.key: rule}


def test_what_was_learnt_of_a_stream_is_forgotten_when_its_name_is_used_again() -> None:
    state, rule = PartitionState(), sensor_rule()
    obey(state, {rule.key: rule})
    state.begin(rule.key, stream())
    state.watch(rule.key, stream())
    state.clocks[rule.key], state.episodes[rule.key] = EventClock(7), {}
    obey(state, {rule.key: replace(rule, revision=9)})
    assert [*state.streams, *state.watches, *state.clocks, *state.episodes] == [rule.key] * 4
    obey(state, {rule.key: replace(rule, generation=2)})
    assert [*state.streams, *state.watches, *state.clocks, *state.episodes] == []


def test_a_state_grows_and_keeps_what_it_holds() -> None:
    grown = stream()
    for array in grown.arrays.values():
        array[:] = 1
    grown.grow(DETECTOR, 20)
    for array in grown.arrays.values():
        assert len(array) == 20
        assert (array[:16] == 1).all()
        assert (array[16:] == 0).all()
    assert grown.entity_bytes == sum(array.nbytes for array in DETECTOR.new_state(1).values())
    assert np.result_type(*grown.arrays.values()) == np.float64
