"""Times of people as milliseconds."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import polars as pl
import pytest

from ad_detectors.errors import DataError
from anomaly_detection.times import as_milliseconds

NOON = datetime(2024, 1, 31, 12, 0, tzinfo=UTC)
MILLISECONDS = 1_706_702_400_000


@pytest.mark.parametrize(
    "time",
    [
        NOON,
        NOON.replace(tzinfo=None),
        NOON.astimezone(timezone(timedelta(hours=5))),
        "2024-01-31T12:00:00Z",
        "2024-01-31 12:00:00",
        "2024-01-31T14:00:00+02:00",
        np.datetime64("2024-01-31T12:00"),
        MILLISECONDS,
        float(MILLISECONDS),
        [NOON],
        pd.Series([pd.Timestamp(NOON)]),
        pd.DatetimeIndex(["2024-01-31 12:00"]),
        pl.Series([NOON]),
    ],
    ids=repr,
)
def test_every_way_to_say_noon_is_the_same_number(time) -> None:
    assert as_milliseconds(time, 1).tolist() == [MILLISECONDS]


def test_one_time_stands_for_all_rows() -> None:
    found = as_milliseconds(NOON, 3)
    assert found.tolist() == [MILLISECONDS] * 3
    assert found.flags.c_contiguous


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ([NOON] * 2, r"shape \(2,\), the data has 3 row"),
        (["2024-01-31", "soon", "2024-01-31"], "'soon' is no ISO time"),
        (np.array(["2024-01-31", "NaT", "2024-02-01"], "datetime64[s]"), "missing in row 1"),
        ([0.0, 1.0, float("nan")], "missing in row 2"),
        ([None, NOON, NOON], "time is missing in row 0"),
        (pd.Series(pd.to_datetime(["2024-01-01", None, "2024-01-02"], utc=True)), "time is missing in row 1"),
        ([True, True, False], "type bool"),
    ],
)
def test_what_is_no_time_is_refused(time, words) -> None:
    with pytest.raises(DataError, match=words):
        as_milliseconds(time, 3)
