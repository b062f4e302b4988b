"""The newest anomalies of a tenant."""

import msgspec
import pytest

from ad_contracts.json_view import json_view
from ad_gateway.domain import cursor
from ad_gateway.domain.ring import Frame, Place, Ring, message
from tests.support.anomalies import anomaly


def filled(size: int, count: int) -> Ring:
    ring = Ring(size, {0: 5})
    for number in range(count):
        ring.append(Frame(Place(0, 6 + number), anomaly(number)))
    return ring


def test_a_frame_is_the_message_with_the_cursor_behind_it() -> None:
    ring = filled(3, 2)
    found = msgspec.json.decode(ring[1].text)
    assert found == {"type": "anomaly", "cursor": cursor.encode({0: 7}), "anomaly": json_view(anomaly(1))}


def test_it_keeps_the_newest_and_knows_where_the_oldest_begins() -> None:
    ring = filled(3, 5)
    assert (ring.first, ring.following) == (2, 5)
    assert (ring.begin, ring.end) == ({0: 7}, {0: 10})
    for number in (1, 5):
        with pytest.raises(IndexError, match="2 up to 5"):
            ring[number]


def test_what_is_no_anomaly_moves_the_end_on_and_never_back() -> None:
    ring = filled(3, 1)
    ring.settle({0: 9, 1: 4})
    ring.settle({0: 7, 1: 4})
    assert ring.end == {0: 9, 1: 4}


def test_a_message_without_an_anomaly_has_type_cursor_and_more() -> None:
    assert msgspec.json.decode(message("gap", {1: 2}, {"missed": 3})) == {
        "type": "gap",
        "cursor": cursor.encode({1: 2}),
        "missed": 3,
    }
