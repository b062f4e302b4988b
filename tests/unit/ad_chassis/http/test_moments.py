from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import TypeAdapter, ValidationError

from ad_chassis.http.moments import Moment, ZonedMoment, milliseconds


def test_a_time_without_a_zone_is_utc() -> None:
    moment = datetime(2026, 1, 31, 12, 0, 0, 1000)
    assert milliseconds(moment) == milliseconds(moment.replace(tzinfo=UTC)) == 1_769_860_800_001


def test_a_zone_counts_and_nothing_stays_nothing() -> None:
    east = timezone(timedelta(hours=2))
    assert milliseconds(datetime(1970, 1, 1, 2, tzinfo=east)) == 0
    assert milliseconds(None) is None


@pytest.mark.parametrize("said", ["2026-01-31T00:00:00Z", "2026-01-31T02:00:00+02:00", "2026-01-31"])
def test_a_moment_is_said_as_text(said: str) -> None:
    assert milliseconds(TypeAdapter(Moment).validate_python(said)) == 1_769_817_600_000


@pytest.mark.parametrize("said", [5, 5.0, True, "5", "1769817600", "-1", "yesterday", ""])
def test_a_number_is_no_moment_nor_is_any_other_text(said: object) -> None:
    for kind in (Moment, ZonedMoment):
        with pytest.raises(ValidationError, match="a moment is text as RFC 3339 has it"):
            TypeAdapter(kind).validate_python(said)


def test_who_must_say_a_zone_is_refused_without_one() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        TypeAdapter(ZonedMoment).validate_python("2026-01-31T00:00:00")
