"""Rejected records as they are kept."""

import pytest

from ad_ingestion.domain.dead_letters import kind_of, raw_text, unreadable
from tests.support.dead_letters import letter


def test_bytes_are_shown_as_text_where_they_are_text() -> None:
    assert raw_text("ä".encode()) == ("ä", "utf-8")
    assert raw_text(b"\xff\x00") == ("/wA=", "base64")


def test_an_unreadable_dead_letter_is_kept_with_its_place() -> None:
    event = unreadable(b"x", "garbage", tenant="t", topic="rejected.t", partition=1, offset=2, time_ms=3)
    assert (event.stream, event.raw, event.topic, event.offset) == (None, b"x", "rejected.t", 2)
    assert event.reason == "not readable as a rejected record: garbage"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (
            'field \'load\': "x\\" 7" stands where a number belongs',
            "field 'load': … stands where a number belongs",
        ),
        ("field 'f1': 2026-01-01T00:00:00Z is 70 s old", "field 'f1': … is … s old"),
        ("field 'load': NaN is not finite", "field 'load': NaN is not finite"),
        ("x" * 500, "x" * 200),
    ],
)
def test_reasons_that_differ_in_values_only_are_of_one_kind(reason: str, kind: str) -> None:
    assert kind_of(reason) == kind


def test_a_letter_names_the_one_whose_replay_it_is() -> None:
    assert letter(headers=[("a", b"1"), ("ad_replay_of", b"d/0")]).replay_of == "d/0"
    assert letter(headers=[("ad_replay_of", None)]).replay_of is None
