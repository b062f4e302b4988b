"""Messages as Server-Sent Events."""

from ad_gateway.domain import cursor
from ad_gateway.domain.events import closed, event
from ad_gateway.domain.ring import Frame, Place, message
from tests.support.anomalies import anomaly


def test_an_event_has_the_cursor_as_its_id_and_the_message_as_its_data() -> None:
    text = Frame(Place(0, 8), anomaly(7, value={'a"b\n': 1.0})).told({0: 8})
    assert event(text) == f"id: {cursor.encode({0: 8})}\nevent: anomaly\ndata: {text}\n\n"
    assert "\n" not in text


def test_a_heartbeat_is_a_comment_that_moves_the_id_on() -> None:
    assert event(message("heartbeat", {0: 8})) == f": heartbeat\nid: {cursor.encode({0: 8})}\n\n"


def test_the_end_says_why() -> None:
    assert closed(4401, "the token\nhas ended") == (
        'event: closed\ndata: {"type":"closed","code":4401,"reason":"the token\\nhas ended"}\n\n'
    )
