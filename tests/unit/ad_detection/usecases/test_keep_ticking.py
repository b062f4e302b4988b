"""When a partition needs a tick."""

from ad_chassis.eventlog.port import TopicPartition
from ad_detection.domain.ticks import Tick
from ad_detection.usecases.keep_ticking import Ticks
from tests.support.clock import Clock

HERE, THERE = TopicPartition("records.default", 0), TopicPartition("records.default", 1)


def test_a_tick_says_how_long_nothing_came_and_comes_again_after_as_long() -> None:
    clock = Clock(100.0)
    ticks = Ticks(clock)
    ticks.opened(HERE, 0, {})
    ticks.scored(HERE, 7, ["meters", "others"], {"meters": 10.0})
    told = []
    for clock.now in (101.0, 109.9, 110.0, 119.0, 120.5, 121.0):
        told += [(clock.now, *each) for each in ticks.due()]
    assert told == [
        (110.0, HERE, Tick(7, {"meters": 10_000})),
        (120.5, HERE, Tick(7, {"meters": 20_500})),
    ]


def test_a_record_of_the_stream_begins_anew_and_one_of_another_does_not() -> None:
    clock = Clock(100.0)
    ticks = Ticks(clock)
    ticks.opened(HERE, 0, {})
    ticks.scored(HERE, 7, ["a", "b"], {"a": 10.0, "b": 10.0})
    clock.now = 106.0
    ticks.scored(HERE, 9, ["b"], {"a": 10.0, "b": 10.0})
    clock.now = 111.0
    assert ticks.due() == [(HERE, Tick(9, {"a": 11_000}))]
    clock.now = 116.5
    assert ticks.due() == [(HERE, Tick(9, {"b": 10_500}))]


def test_after_a_restart_time_is_measured_from_the_opening() -> None:
    clock = Clock(100.0)
    ticks = Ticks(clock)
    ticks.opened(HERE, 40, {"meters": 10.0})
    assert ticks.due() == []
    clock.now = 112.0
    assert ticks.due() == [(HERE, Tick(40, {"meters": 12_000}))]


def test_nothing_is_sent_where_nothing_waits_or_for_what_somebody_else_has() -> None:
    clock = Clock(100.0)
    ticks = Ticks(clock)
    ticks.opened(HERE, 0, {"meters": 1.0})
    ticks.opened(THERE, 0, {"meters": 1.0})
    ticks.due()
    ticks.closed(HERE)
    ticks.scored(HERE, 3, ["meters"], {"meters": 1.0})
    ticks.scored(THERE, 3, ["meters"], {})
    clock.now = 1_000.0
    assert ticks.due() == []
