from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from ad_data.errors import ReadError
from ad_data.readers import read_table

FRAME = pl.DataFrame({"time": ["2024-01-01", "2024-01-02"], "value": [1.5, 2.5]})
WRITERS: dict[str, Callable[[Path], object]] = {
    "a.csv": FRAME.write_csv,
    "b.txt": lambda path: FRAME.write_csv(path, separator=";"),
    "c.tsv": lambda path: FRAME.write_csv(path, separator="\t"),
    "d.json": FRAME.write_json,
    "e.json": lambda path: path.write_text('{"time": ["2024-01-01", "2024-01-02"], "value": [1.5, 2.5]}'),
    "f.json": FRAME.write_ndjson,
    "g.ndjson": FRAME.write_ndjson,
    "h.jsonl": lambda path: path.write_bytes(b"\xef\xbb\xbf" + FRAME.write_ndjson().encode()),
    "i.parquet": FRAME.write_parquet,
    "j.arrow": FRAME.write_ipc,
    "k.feather": FRAME.write_ipc_stream,
    "without_suffix": FRAME.write_csv,
    "strange.data": FRAME.write_parquet,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_form_of_file_gives_the_same_table(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    assert read_table(tmp_path / name).rows() == FRAME.rows()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "is empty; give a CSV, JSON, NDJSON, Parquet or Arrow file"),
        ("a.csv", b"  \n", "is empty"),
        ("a.csv", b"a,b\n", "has no rows, only columns: a, b"),
        ("a.csv", b"a,b\nx,y\n", "has no numeric column, only: a, b"),
        ("a.csv", b"PAR1....", "is named like CSV, but holds Parquet; rename it to a.parquet"),
        ("a.csv", b'{"value": 1}', "is named like CSV, but holds JSON; rename it to a.json"),
        ("a.parquet", b"a,b\n1,2\n", "is named like Parquet, but holds CSV; rename it to a.csv"),
        ("a.json", b"ARROW1..", "is named like JSON, but holds Arrow; rename it to a.arrow"),
        ("a.parquet", b"PAR1....", "not readable as Parquet"),
        ("a.arrow", b"ARROW1..", "not readable as Arrow"),
        ("a.csv", b"\x89PNG\x00\x01", "is none of CSV, JSON, NDJSON, Parquet or Arrow"),
        ("a.csv", b"a,b\n1,\xff\n", "save it as UTF-8"),
        ("a.csv", b"a,b\n1,2\n1,2,3\n", "line 3: 3 values in a line, the header has 2"),
        ("a.json", b'{"a": 1', "malformed JSON"),
        ("a.json", b'{"a": [1, 2], "b": [1]}', "columns differ in length: a 2, b 1"),
        ("a.json", b'{"a": [1, "x"]}', "columns are not of one type"),
        ("a.json", b"[]", "no records"),
        ("a.ndjson", b'{"a": 1}\n{"a": \n{"a": 2}', "record 2 of 3: not JSON"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_that_says_what_would_work(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ReadError) as caught:
        read_table(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert said in message
    assert "\n" not in message


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(ReadError, match="is a folder"):
        read_table(str(tmp_path))


def test_nested_columns_are_refused_with_what_can_be_read(tmp_path: Path) -> None:
    pl.DataFrame({"value": [[1, 2]]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(ReadError, match=r"column 'value' is .*, only numbers, booleans, text and times"):
        read_table(tmp_path / "a.parquet")


def test_columns_of_json_may_mix_whole_and_broken_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"value": [1, 2.5, null], "n": [1, 2, 3]}')
    assert read_table(tmp_path / "a.json").to_dict(as_series=False) == {
        "value": [1, 2.5, None],
        "n": [1, 2, 3],
    }
