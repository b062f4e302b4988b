"""How many entities a stream may hold."""

import pytest

from ad_data.schema import Field, StreamSchema
from ad_ingestion.domain.reservations import Reservation, lowered
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
