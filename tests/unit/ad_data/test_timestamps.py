from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_data import timestamps


def text_ms(text: str) -> int | None:
    return timestamps.from_text(pl.Series("t", [text])).dt.epoch("ms")[0]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00+00:00"),
        ("2024-01-01T02:00:00+02:00", "2024-01-01T00:00:00+00:00"),
        ("2024-01-01T02:00:00+0530", "2023-12-31T20:30:00+00:00"),
        ("2023-12-31T16:00:00-08", "2024-01-01T00:00:00+00:00"),
        ("2024-01-01 00:00:00", "2024-01-01T00:00:00+00:00"),
        ("2024-01-01T00:00:00.123456789Z", "2024-01-01T00:00:00.123+00:00"),
        ("2024-01-01T00:00:00,5", "2024-01-01T00:00:00.500+00:00"),
        ("2024-01-01T13:45", "2024-01-01T13:45:00+00:00"),
        ("2024-02-29", "2024-02-29T00:00:00+00:00"),
        ("1704067200", "2024-01-01T00:00:00+00:00"),
        ("1704067200000", "2024-01-01T00:00:00+00:00"),
        ("1704067200.25", "2024-01-01T00:00:00.250+00:00"),
        ("-1", "1969-12-31T23:59:59+00:00"),
    ],
)
def test_a_time_in_any_usual_form_becomes_utc(text: str, iso: str) -> None:
    assert text_ms(text) == round(datetime.fromisoformat(iso).timestamp() * 1000)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2024-13-01", "2023-02-29", "2024-01-01T25:00:00", "2024-01-01T00:00:00+24:00", "1e15", "NaN",
     "inf", "24-01-01", "2024-01-01T00:00:00 CET", "२०२४-०१-०१"],
)  # fmt: skip
def test_what_is_no_time_is_null(text: str) -> None:
    assert text_ms(text) is None


def test_one_odd_text_does_not_change_the_others() -> None:
    times = timestamps.from_text(pl.Series("t", ["2024-01-01", "x", None, "1704067200"]))
    assert times.dt.epoch("ms").to_list() == [1704067200000, None, None, 1704067200000]
    assert times.name == "t"


def test_seconds_and_milliseconds_are_told_by_their_size() -> None:
    numbers = pl.Series("t", [0.0, 1.5, 99_999_999_999.0, 1e11, 1e14, float("nan"), float("inf"), None])
    assert timestamps.from_numbers(numbers).dt.epoch("ms").to_list() == [
        0, 1500, 99_999_999_999_000, 100_000_000_000, None, None, None, None,
    ]  # fmt: skip


def test_times_beyond_the_calendar_are_null() -> None:
    times = pl.Series("t", [timestamps.FIRST_MS - 1, timestamps.FIRST_MS, timestamps.LAST_MS, 2**62]).cast(
        timestamps.TIME
    )
    assert timestamps.bounded(times).is_null().to_list() == [True, False, False, True]


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.timezones()))
def test_every_iso_time_of_python_is_read(moment: datetime) -> None:
    offset = moment.utcoffset()
    if offset is None or offset.total_seconds() % 60:
        return
    shift = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    wanted = shift.days * 86_400_000 + shift.seconds * 1000 + shift.microseconds // 1000
    assert text_ms(moment.isoformat()) == wanted
