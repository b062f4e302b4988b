"""Files of the lake and what is shown of them."""

import polars as pl
import pytest

from ad_ingestion.domain.lake import (
    LakeFile,
    RecordQuery,
    empty,
    from_parquet,
    lake_key,
    matching,
    presented,
    runs_to_join,
    time_bounds,
    to_parquet,
    with_iso_times,
)
from tests.support.ingestion import SENSORS

TIMES = pl.Series("_time", [1000, 3000, 2000]).cast(pl.Datetime("ms", "UTC"))
FRAME = pl.DataFrame({"sensor": ["a", "b", "a"], "load": [1.0, None, 3.0], "heat": [0.0, 0.0, 0.0],
                      "_row": [0, 1, 5], "_batch": "b1"}).with_columns(TIMES)  # fmt: skip


def file(number: int, rows: int) -> LakeFile:
    return LakeFile(f"k{number}", rows, 10, 0, 0, 0, number)


def test_a_file_has_its_day_in_its_key() -> None:
    assert lake_key("acme", "sensors", "b1", 1767225600000) == "lake/acme/sensors/date=2026-01-01/b1.parquet"


def test_records_come_back_as_they_were() -> None:
    assert from_parquet(to_parquet(FRAME)).equals(FRAME)
    assert time_bounds(FRAME) == (1000, 3000)


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (RecordQuery(), [0, 1, 5]),
        (RecordQuery(from_ms=2000), [1, 5]),
        (RecordQuery(to_ms=2000), [0]),
        (RecordQuery(from_ms=1000, to_ms=3000), [0, 5]),
        (RecordQuery(from_ms=9000), []),
    ],
)
def test_a_time_range_holds_its_start_and_not_its_end(query, rows) -> None:
    assert matching(FRAME, query)["_row"].to_list() == rows


def test_a_record_is_shown_with_its_id_and_its_time() -> None:
    shown = with_iso_times(presented(FRAME, SENSORS))
    assert shown.row(2, named=True) == {
        "sensor": "a", "load": 3.0, "heat": 0.0, "_id": "b1/5", "_time": "1970-01-01T00:00:02.000Z",
    }  # fmt: skip
    assert empty(SENSORS).schema == presented(FRAME, SENSORS).schema


def test_only_enough_small_neighbours_are_joined() -> None:
    files = [file(number, rows) for number, rows in enumerate([1, 2, 3, 100, 1, 1, 100, 5, 5, 5, 5])]
    runs = runs_to_join(files, fewest=3, small_rows=10, max_rows=15)
    assert [[each.id for each in run] for run in runs] == [[0, 1, 2], [7, 8, 9]]
