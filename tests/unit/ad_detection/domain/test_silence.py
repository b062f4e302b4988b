"""Entities that send nothing for too long."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_data.schema import StreamSchema
from ad_detection.domain.state import PartitionState
from ad_detection.domain.ticks import Tick, encoded, headers_of
from tests.support.meters import METERS, Reading, at, knowing, meter_rule, readings, scored
from tests.support.records import Stored
from tests.support.snapshots import assert_equal, written_and_read

Told = list[tuple[str | None, float, float]]
LIMIT = 8
RULE = meter_rule(silence_seconds=LIMIT)


def told_by(state: PartitionState, taken: list[Reading], first: int = 0) -> Told:
    """Entity, seconds of silence, and when it was due, in seconds since the beginning."""
    return [
        (found.entity, found.value["silence_seconds"], (found.event_time_ms - at(0)) / 1000)
        for found in scored(state, readings(taken, first)).anomalies
        if found.kind == "silence"
    ]


def expected(taken: list[Reading], limit_ms: int = LIMIT * 1000) -> Told:
    """Row by row: at every quarter of the limit each meter is looked at, and told of once."""
    seen: dict[str, int] = {}
    told: dict[str, int] = {}
    found: Told = []
    now = None
    for meter, seconds in taken:
        before, now = now, at(seconds) if now is None else max(now, at(seconds))
        if before is not None and now // (limit_ms // 4) != before // (limit_ms // 4):
            for name, last in seen.items():
                if now - last > limit_ms and told.get(name) != last:
                    told[name] = last
                    found.append((name, (now - last) / 1000, (last + limit_ms - at(0)) / 1000))
        seen[meter] = now
    return found


def test_a_meter_that_falls_silent_is_told_of_once() -> None:
    taken = [("a", 0.0), *(("b", float(second)) for second in range(40))]
    assert told_by(knowing(RULE), taken) == [("a", 10.0, 8.0)]


def test_the_limit_itself_is_not_silence_yet() -> None:
    assert told_by(knowing(RULE), [("a", 0.0), ("b", 8.0)]) == []
    assert told_by(knowing(RULE), [("a", 0.0), ("b", 8.001)]) == [("a", 8.001, 8.0)]


def test_the_next_record_ends_a_silence_and_another_one_is_told_of_again() -> None:
    rest = [("b", 10.0), ("a", 11.0), ("b", 18.0), ("b", 30.0)]
    assert told_by(knowing(RULE), [("a", 0.0), *rest]) == [
        ("a", 10.0, 8.0),
        ("a", 19.0, 19.0),
        ("b", 12.0, 26.0),
    ]


def test_a_gap_is_told_of_by_the_record_that_ends_it() -> None:
    alone = StreamSchema(fields=METERS.fields, timestamp="at")
    state = knowing(meter_rule(alone, silence_seconds=LIMIT))
    assert told_by(state, [("a", 0.0), ("a", 7.0), ("a", 107.0), ("a", 108.0)]) == [(None, 100.0, 15.0)]


def test_a_record_of_the_past_ends_a_silence_too() -> None:
    """Its meter has a slow clock, but it is there."""
    rest = [("b", 10.0), ("a", 1.0), ("b", 17.0)]
    assert told_by(knowing(RULE), [("a", 0.0), *rest]) == [("a", 10.0, 8.0)]


def test_the_event_says_which_silence_it_is_and_where_it_was_noticed() -> None:
    [found] = scored(knowing(RULE), readings([("a", 0.0), ("b", 3.0), ("b", 9.5)], first=40)).anomalies
    assert (found.kind, found.algorithm, found.severity, found.entity) == (
        "silence",
        "silence",
        "medium",
        "a",
    )
    assert (found.score, found.threshold, found.offset, found.row) == (9.5, 8.0, 42, 0)
    assert found.expected == found.lower == found.upper == {"silence_seconds": 8.0}
    assert found.record_id == f"silence/{found.id}"
    [again] = scored(knowing(RULE), readings([("a", 0.0), ("b", 200.0)])).anomalies
    assert again.id == found.id


def test_without_the_setting_nothing_is_kept_and_nothing_told() -> None:
    state = knowing(meter_rule(allowed_lateness_seconds=5))
    assert told_by(state, [("a", 0.0), ("b", 900.0)]) == []
    assert state.watches == {}


def test_switched_off_and_on_again_it_begins_anew() -> None:
    state = knowing(RULE)
    told_by(state, [("a", 0.0), ("b", 1.0)])
    state.rules = {RULE.key: meter_rule()}
    told_by(state, [("b", 2.0)], first=2)
    assert (state.watches, state.clocks) == ({}, {})
    state.rules = {RULE.key: RULE}
    assert told_by(state, [("b", 3.0), ("c", 60.0)], first=3) == [("b", 57.0, 11.0)]


@pytest.mark.parametrize(("limit", "due"), [(4, [("a", 6.0, 4.0)]), (80, [])])
def test_another_limit_tells_of_nothing_twice_and_leaves_nothing_out(limit: int, due: Told) -> None:
    state = knowing(RULE)
    told_by(state, [("old", -20.0), ("a", 0.0), ("b", 5.0)])
    state.rules = {RULE.key: meter_rule(silence_seconds=limit)}
    assert told_by(state, [("b", 6.0)], first=3) == due


def test_a_longer_limit_for_a_while_repeats_nothing() -> None:
    state = knowing(RULE)
    told_by(state, [("a", 0.0), ("b", 20.0)])
    state.rules = {RULE.key: meter_rule(silence_seconds=80)}
    assert told_by(state, [("b", 50.0)], first=2) == []
    state.rules = {RULE.key: RULE}
    assert told_by(state, [("b", 53.0)], first=3) == []


def test_the_past_is_forgotten_when_silence_is_told_no_more_although_lateness_is() -> None:
    state = knowing(RULE)
    told_by(state, [("a", 0.0)])
    state.rules = {RULE.key: meter_rule(allowed_lateness_seconds=60)}
    told_by(state, [("b", 1.0)], first=1)
    assert state.watches == {}


def test_a_record_that_is_too_late_ends_no_silence() -> None:
    state = knowing(meter_rule(silence_seconds=LIMIT, allowed_lateness_seconds=5))
    taken = [("b", 0.0), ("a", 10.0), ("a", 0.0), ("b", 2.0), ("a", 17.0), ("a", 24.0)]
    assert told_by(state, taken) == [("b", 10.0, 8.0)]


def test_a_record_that_is_too_late_does_not_shift_when_the_others_are_looked_at() -> None:
    state = knowing(meter_rule(silence_seconds=LIMIT, allowed_lateness_seconds=5))
    assert told_by(state, [("a", 0.0), ("c", -100.0), ("b", 8.0), ("b", 8.5)]) == []
    assert told_by(state, [("b", 10.0)], first=4) == [("a", 10.0, 8.0)]


@pytest.mark.parametrize("most", [8, 16])
def test_who_is_forgotten_to_make_room_is_not_told_of(most: int) -> None:
    state = knowing(replace(RULE, settings=replace(RULE.settings, max_entities=most)))
    last = most + 1
    crowd = [(f"m{number}", number / 100) for number in (*range(most), *range(most - 1, last), *range(last))]
    told = told_by(state, [*crowd, (f"m{last - 1}", 20.0)])
    held = set(state.watches[RULE.key].entities.names())
    assert {name for name, *_ in told} == held
    assert 0 < len(held) <= most


@given(st.integers(0, 2**32), st.integers(1, 50), st.integers(0, 80))
@settings(max_examples=40, deadline=None)
def test_any_cut_and_a_restart_anywhere_tell_the_same_as_looking_row_by_row(
    seed: int, size: int, crash: int
) -> None:
    """The clock jumps an hour forth and back now and then."""
    rng = random.Random(seed)
    now, taken = 0.0, list[Reading]()
    for _ in range(120):
        now += rng.choice((0, 0.4, 3, 11))
        jump = rng.choice((0,) * 20 + (3600, -3600))
        taken.append((f"m{rng.randrange(6)}", round(now + jump, 3)))
    state, found = knowing(RULE), Told()
    for start in range(0, len(taken), size):
        if start <= crash < start + size:
            state = written_and_read(state)
        found += told_by(state, taken[start : start + size], start)
    assert sorted(found, key=when_due) == sorted(expected(taken), key=when_due)
    alone = knowing(RULE)
    told_by(alone, taken)
    assert_equal(state, alone)


def when_due(told: tuple[str | None, float, float]) -> tuple[float, str]:
    return told[2], str(told[0])


def idle(offset: int, seconds: float, seen_to: int = 1 << 40) -> Stored:
    return Stored(offset, encoded(Tick(seen_to, {"meters": round(seconds * 1000)})), headers_of(5))


def told_in(state: PartitionState, records: list[Stored], cut: int = 0) -> Told:
    return [
        (found.entity, found.value["silence_seconds"], found.offset)
        for part in (records[:cut], records[cut:])
        for found in (scored(state, part).anomalies if part else ())
        if found.kind == "silence"
    ]


@pytest.mark.parametrize("cut", range(6))
def test_where_nothing_comes_ticks_tell_of_every_meter_once(cut: int) -> None:
    records = [*readings([("a", 0), ("b", 5)]), idle(2, 2), idle(3, 4), idle(4, 9), idle(5, 30)]
    assert told_in(knowing(RULE), records, cut) == [("a", 9.0, 3), ("b", 9.0, 4)]


def test_what_falls_silent_after_a_tick_is_told_of_again() -> None:
    records = [*readings([("a", 0)]), idle(1, 100), *readings([("a", 3), ("b", 4), ("b", 30)], 2)]
    assert told_in(knowing(RULE), records) == [("a", 100.0, 1), ("a", 27.0, 4), ("b", 26.0, 4)]


def test_a_tick_of_a_worker_that_had_not_seen_the_newest_record_says_nothing() -> None:
    records = [*readings([("a", 0), ("a", 1)]), idle(2, 50, seen_to=1), idle(3, 50, seen_to=2)]
    assert told_in(knowing(RULE), records) == [("a", 50.0, 3)]


def test_ticks_move_no_watermark_and_what_is_no_tick_is_told() -> None:
    rule = meter_rule(silence_seconds=LIMIT, allowed_lateness_seconds=1)
    results = scored(knowing(rule), [*readings([("a", 0)]), idle(1, 500), *readings([("a", 2)], 2)])
    assert results.rows.total() == 2
    [told] = scored(knowing(rule), [Stored(0, b"{}", headers_of(5))]).rejected
    assert "is none" in told.reason


def test_a_stream_without_entities_is_told_of_as_a_whole() -> None:
    schema = StreamSchema(fields=METERS.fields, timestamp="at")
    [(entity, seconds, _)] = told_in(
        knowing(meter_rule(schema, silence_seconds=LIMIT)), [*readings([("a", 0), ("b", 1)]), idle(2, 9)]
    )
    assert (entity, seconds) == (None, 9.0)
