"""What ticks say, and which streams wait for them."""

import pytest

from ad_contracts.headers import TICK
from ad_detection.domain.ticks import Tick, decoded, encoded, headers_of, is_tick, segments, waiting
from tests.support.meters import knowing, meter_rule, readings, scored
from tests.support.records import Stored


def tick(offset: int, value: bytes | None = None) -> Stored:
    return Stored(offset, encoded(Tick(3, {"meters": 9})) if value is None else value, headers_of(5))


def test_a_tick_is_read_as_it_was_written_and_is_no_record() -> None:
    assert decoded(tick(1)) == Tick(3, {"meters": 9})
    assert is_tick(tick(1))
    assert dict(tick(1).headers)["ce_type"] == TICK.encode()
    assert not is_tick(readings([("a", 0)])[0])


@pytest.mark.parametrize("value", [b"", b"{}", b'{"seen_to": "x", "idle_ms": {}}', b"\xff"])
def test_what_only_calls_itself_a_tick_is_none(value: bytes) -> None:
    assert decoded(tick(1, value)) is None


def test_every_tick_is_a_segment_of_its_own_and_the_order_stays() -> None:
    a, b, c = readings([("a", 0), ("a", 1), ("a", 2)])
    records = [tick(9), a, b, tick(10), tick(11), c]
    assert segments(records) == [[tick(9)], [a, b], [tick(10)], [tick(11)], [c]]
    assert segments([a]) == [[a]]


def test_a_stream_waits_from_its_first_record_until_all_silences_are_told() -> None:
    state = knowing(meter_rule(silence_seconds=8))
    assert waiting(state) == {}
    scored(state, readings([("a", 0), ("b", 5)]))
    assert waiting(state) == {"meters": 2.0}
    scored(state, [Stored(2, encoded(Tick(2, {"meters": 5_000})), headers_of(5))])
    assert waiting(state) == {"meters": 2.0}, "a is told of, b is not"
    scored(state, [Stored(3, encoded(Tick(2, {"meters": 9_000})), headers_of(5))])
    assert waiting(state) == {}


def test_a_stream_that_tells_no_silence_waits_for_nothing() -> None:
    state = knowing(meter_rule(allowed_lateness_seconds=8))
    scored(state, readings([("a", 0), ("b", 5)]))
    assert waiting(state) == {}
