from datetime import UTC, datetime, timedelta, timezone

from ad_chassis.http.moments import milliseconds


def test_a_time_without_a_zone_is_utc() -> None:
    moment = datetime(2026, 1, 31, 12, 0, 0, 1000)
    assert milliseconds(moment) == milliseconds(moment.replace(tzinfo=UTC)) == 1_769_860_800_001


def test_a_zone_counts_and_nothing_stays_nothing() -> None:
    east = timezone(timedelta(hours=2))
    assert milliseconds(datetime(1970, 1, 1, 2, tzinfo=east)) == 0
    assert milliseconds(None) is None
