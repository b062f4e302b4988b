"""How many entities a stream may hold."""

import pytest

from ad_data.schema import Field, StreamSchema
from ad_ingestion.domain.reservations import Reservation, lowered, share, ways_out
from ad_ingestion.domain.streams import Hints, StreamSettings
from tests.support.ingestion import sensor_stream

WITHOUT = StreamSchema(fields=(Field("load"),))


def held(**changes) -> int:
    settings = StreamSettings(max_entities=10)
    return Reservation.of(sensor_stream(**{"settings": settings} | changes)).entities(6)


def test_max_entities_counts_in_every_partition_and_a_stream_without_an_entity_as_one() -> None:
    assert held() == 60
    assert held(schema=WITHOUT) == 1


def test_while_there_is_no_schema_the_hints_say_whether_there_will_be_entities() -> None:
    assert held(schema=None, hints=Hints(entity="sensor")) == 60
    assert held(schema=None) == 1
    assert held(schema=WITHOUT, hints=Hints(entity="sensor")) == 1


@pytest.mark.parametrize(
    ("left", "most"), [(1_000_000, 10), (60, 10), (59, 9), (6, 1), (5, 1), (0, 1), (-600, 1)]
)
def test_a_stream_is_lowered_to_what_is_left_and_never_raised(left, most) -> None:
    stream = sensor_stream(settings=StreamSettings(max_entities=10))
    assert lowered(stream, 6, left).settings.max_entities == most


def test_a_stream_without_an_entity_keeps_its_settings() -> None:
    stream = sensor_stream(schema=WITHOUT)
    assert lowered(stream, 6, 0) == stream


@pytest.mark.parametrize(("streams", "expected"), [(50, 120_000), (None, 600_000), (0, 6_000_000)])
def test_a_share_is_that_of_each_stream_there_may_be_or_a_tenth(streams, expected) -> None:
    assert share(6_000_000, streams) == expected


def test_ways_out_name_the_streams_that_hold_most_and_what_would_fit() -> None:
    wanted, held = Reservation("new", "plant", 100), {"a": 5, "b": 7, "c": 7, "d": 6}
    text = ways_out(wanted, 6, 18, held)
    assert text.startswith("stream 'new' asks for 600; settings.max_entities of 3 would fit")
    assert "'b' holds 7, 'c' holds 7, 'd' holds 6)" in text
    assert "would fit" not in ways_out(wanted, 6, 5, held)
    assert "would fit" not in ways_out(Reservation("new", "plant", None), 6, 18, held)
    assert "()" not in ways_out(wanted, 6, 5, {})
