"""Rejected records as they are kept."""

from ad_ingestion.domain.dead_letters import raw_text, unreadable


def test_bytes_are_shown_as_text_where_they_are_text() -> None:
    assert raw_text("ä".encode()) == ("ä", "utf-8")
    assert raw_text(b"\xff\x00") == ("/wA=", "base64")


def test_an_unreadable_dead_letter_is_kept_with_its_place() -> None:
    event = unreadable(b"x", "garbage", tenant="t", topic="rejected.t", partition=1, offset=2, time_ms=3)
    assert (event.stream, event.raw, event.topic, event.offset) == (None, b"x", "rejected.t", 2)
    assert event.reason == "not readable as a rejected record: garbage"
