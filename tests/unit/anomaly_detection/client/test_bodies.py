"""Files as bodies: records stay as they stand in the file."""

import json

import polars as pl
import pytest

from anomaly_detection.client.bodies import CSV, JSON, LINES, bodies
from anomaly_detection.errors import CliError


def parts(tmp_path, name, text, rows=2):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(bodies(path, rows))


def test_a_line_break_between_quotes_does_not_end_a_record(tmp_path) -> None:
    found = parts(tmp_path, "a.csv", 'text,x\n"a\nb",1\nc,2\n"d""\n",3\n')
    assert [part.content for part in found] == [b'text,x\n"a\nb",1\nc,2\n', b'text,x\n"d""\n",3\n']
    assert [(part.start, part.rows) for part in found] == [(0, 2), (2, 1)]
    assert {part.content_type for part in found} == {CSV}
    assert found[-1].share == 1.0


def test_a_csv_line_that_does_not_fit_is_sent_as_it_is(tmp_path) -> None:
    [part] = parts(tmp_path, "a.csv", "x,y\n1,2\n1,2,3,4", rows=10)
    assert part.content == b"x,y\n1,2\n1,2,3,4"


def test_a_bad_line_of_ndjson_is_sent_as_it_is(tmp_path) -> None:
    found = parts(tmp_path, "a.ndjson", '\ufeff{"x": 1}\n{"x": \n\n{"x": 3}\n')
    assert [part.content for part in found] == [b'{"x": 1}\n{"x": \n', b'{"x": 3}\n']
    assert found[0].content_type == LINES


def test_lines_in_a_file_named_json_are_lines(tmp_path) -> None:
    [part] = parts(tmp_path, "a.json", '{"x": 1}\n{"x": 2}\n')
    assert part.content_type == LINES


@pytest.mark.parametrize(
    "text",
    [
        '[{"x": 1},\n {"x": 2.50},\n {"x": NaN}]',
        '{"records": [{"x": 1},{"x": 2.50},{"x": NaN}]}',
    ],
)
def test_an_array_is_divided_between_its_records(tmp_path, text) -> None:
    found = parts(tmp_path, "a.json", text)
    assert [len(json.loads(part.content)) for part in found] == [2, 1]
    assert {part.content_type for part in found} == {JSON}


def test_an_object_of_columns_is_a_table(tmp_path) -> None:
    found = parts(tmp_path, "a.json", '{"x": [1, 2, 3], "y": ["a", "b", "c"]}')
    assert [pl.read_ipc_stream(part.content).height for part in found] == [2, 1]


def test_long_records_close_a_body_early(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("anomaly_detection.client.bodies.MAX_BYTES", 10)
    found = parts(tmp_path, "a.ndjson", '{"x": "abcdefgh"}\n{"x": 2}\n', rows=100)
    assert [part.rows for part in found] == [1, 1]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"x,y\n", "has no records"),
        ("a.json", b"[]", "has no records"),
        ("a.json", b'{"x": [1', "malformed JSON"),
        ("a.json", b"x,y\n1,2\n", "holds CSV; rename it to a.csv"),
        ("a.csv", b"PAR1xxxx", "holds Parquet"),
        ("a.parquet", b"PAR1xxxx", "not readable as Parquet"),
        ("a.txt", b"\x7fELF\x00\x00", "is none of"),
    ],
)
def test_a_file_that_cannot_be_sent_says_why(tmp_path, name, content, words) -> None:
    with pytest.raises(CliError, match=words):
        parts(tmp_path, name, content)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path) -> None:
    with pytest.raises(CliError, match="no such file"):
        list(bodies(tmp_path / "no.csv", 1))
    with pytest.raises(CliError, match="is a folder"):
        list(bodies(tmp_path, 1))
