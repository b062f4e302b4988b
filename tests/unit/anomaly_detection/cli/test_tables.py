"""Files as tables: which column is the time, and when its rows happened."""

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from anomaly_detection.cli import findings, tables

DAY = 86_400_000


@pytest.fixture
def load(tmp_path):
    def written_and_read(times: pl.Series | None) -> tables.DataFile:
        path = tmp_path / "data.parquet"
        frame = pl.DataFrame({"load": [1.0, 2.0]})
        (frame if times is None else frame.with_columns(times.alias("time"))).write_parquet(path)
        return tables.load(path)

    return written_and_read


@pytest.mark.parametrize(
    "times",
    [
        pl.Series(["1970-01-01", "1970-01-02T00:00:00Z"]),
        pl.Series([date(1970, 1, 1), date(1970, 1, 2)]),
        pl.Series([datetime(1970, 1, 1), datetime(1970, 1, 2)]),
        pl.Series([datetime(1970, 1, 1), datetime(1970, 1, 2)]).dt.replace_time_zone("UTC"),
    ],
    ids=lambda times: str(times.dtype),
)
def test_times_of_every_type_are_moments(load, times) -> None:
    found = tables.moments(load(times))
    assert found.tolist() == [0, DAY]
    assert found.dtype == np.int64


@pytest.mark.parametrize(
    "times", [None, pl.Series(["soon", "later"]), pl.Series([datetime(1970, 1, 1), None]), pl.Series([1, 2])]
)
def test_without_a_time_for_every_row_there_are_no_moments(load, times) -> None:
    assert tables.moments(load(times)) is None


def test_a_streaming_detector_is_told_the_times_of_the_file(load, monkeypatch) -> None:
    told = []

    def create(name: str) -> object:
        detector = made(name)
        update = detector.update
        detector.update = lambda *arguments: told.append(arguments[3].tolist()) or update(*arguments)
        return detector

    made = findings.catalog.create_streaming
    monkeypatch.setattr(findings.catalog, "create_streaming", create)
    findings.by_stream("ewma", {}, load(pl.Series([date(1970, 1, 1), date(1970, 1, 2)])))
    findings.by_stream("ewma", {}, load(None))
    assert told == [[0, DAY], [0, 1]]
