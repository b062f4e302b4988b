"""What can be sent, as bodies."""

import json
from datetime import date, datetime
from itertools import count, islice

import numpy as np
import polars as pl
import pytest

from ad_data.body import read_body
from anomaly_detection.client.bodies import ARROW, CSV, LINES
from anomaly_detection.client.sources import bodies_of
from anomaly_detection.errors import CliError


def test_rows_become_lines_of_json() -> None:
    rows = [
        {"time": datetime(2026, 1, 31, 12), "day": date(2026, 1, 31), "load": np.float64(1.5)},
        {"load": float("nan"), "n": np.int64(3), "text": "ä\n"},
    ]
    [body] = bodies_of(rows, 10)
    assert (body.content_type, body.start, body.rows) == (LINES, 0, 2)
    assert [json.loads(line) for line in body.content.splitlines()] == [
        {"time": "2026-01-31T12:00:00", "day": "2026-01-31", "load": 1.5},
        {"load": None, "n": 3, "text": "ä\n"},
    ]


@pytest.mark.parametrize("kind", [str, bytes])
def test_lines_of_ndjson_stay_as_they_are(tmp_path, kind) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b'{"a": 1}\n\n{broken\n{"a": 2}')
    with path.open("r" if kind is str else "rb") as lines:
        found = list(bodies_of(lines, 2))
    assert [body.content for body in found] == [b'{"a": 1}\n{broken\n', b'{"a": 2}\n']
    assert [body.start for body in found] == [0, 2]


def test_a_source_without_an_end_is_no_trouble() -> None:
    endless = ({"load": number} for number in count())
    bodies = list(islice(bodies_of(endless, 3), 2))
    assert [body.start for body in bodies] == [0, 3]
    assert next(endless) == {"load": 6}


def test_long_rows_make_shorter_bodies() -> None:
    rows = ({"text": "x" * 3_000_000} for _ in range(5))
    assert [body.rows for body in bodies_of(rows, 1000)] == [3, 2]


def test_a_frame_goes_as_arrow(table) -> None:
    found = list(bodies_of(table, 120))
    assert [(body.content_type, body.rows) for body in found] == [(ARROW, 120), (ARROW, 120), (ARROW, 60)]
    frames = [read_body(body.content, body.content_type).frame for body in found]
    assert pl.concat(frames)["load"].to_list() == table["load"].to_list()


def test_a_path_may_be_a_text(csv) -> None:
    assert {body.content_type for body in bodies_of(str(csv), 100)} == {CSV}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ([1], "row 0 is a int"),
        ([{"a": {1, 2}}], "row 0 cannot be sent"),
        ([{}, {"a": float("inf")}], "row 1 cannot be sent"),
        (3, "a int cannot be sent"),
        ({"a": 1}, "a dict cannot be sent"),
        (b"{}", "a bytes cannot be sent"),
    ],
)
def test_what_cannot_be_sent_is_named(source, said) -> None:
    with pytest.raises(CliError, match=said):
        list(bodies_of(source, 10))


def test_a_body_has_at_least_a_record() -> None:
    with pytest.raises(CliError, match="batch_rows is 0"):
        bodies_of([], 0)
