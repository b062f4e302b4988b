"""Files to frames for the command line, by what is in them and not only by their name."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from ad_data.arrow import FILE_MARKER, STREAM_MARKER, read_arrow, read_parquet
from ad_data.body import Body, json_lines, lines_body, read_body
from ad_data.csv_text import read_csv
from ad_data.errors import ReadError
from ad_data.json_columns import from_columns

__all__ = ["Body", "read_body", "read_table"]

FORMATS = "CSV, JSON, NDJSON, Parquet or Arrow"
SUFFIXES = {
    ".csv": "CSV",
    ".tsv": "CSV",
    ".txt": "CSV",
    ".json": "JSON",
    ".ndjson": "JSON",
    ".jsonl": "JSON",
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".arrow": "Arrow",
    ".feather": "Arrow",
    ".ipc": "Arrow",
}
MAGIC = ((b"PAR1", "Parquet"), (FILE_MARKER, "Arrow"), (STREAM_MARKER, "Arrow"))
RIGHT_SUFFIX = {"CSV": ".csv", "JSON": ".json", "Parquet": ".parquet", "Arrow": ".arrow"}


def read_table(path: Path | str) -> pl.DataFrame:
    """The rows of a file that has at least one numeric column.

    Raises
    ------
    ReadError
        One line that names the file, what is wrong, and what would work.
    """
    path = Path(path)
    data = _bytes(path)
    form = _form(path, data)
    try:
        frame = PARSERS[form](data)
    except ReadError as error:
        raise ReadError(f"{path}: {error}") from error
    if not frame.height:
        raise ReadError(f"{path}: has no rows, only columns: {', '.join(frame.columns)[:200]}")
    if not any(dtype.is_numeric() for dtype in frame.dtypes):
        raise ReadError(f"{path}: has no numeric column, only: {', '.join(frame.columns)[:200]}; add numbers")
    return frame


def _bytes(path: Path) -> bytes:
    if not path.exists():
        raise ReadError(f"{path}: no such file; give the path of a {FORMATS} file")
    if path.is_dir():
        raise ReadError(f"{path}: is a folder; give the path of a {FORMATS} file")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(f"{path}: cannot be read: {error.strerror}") from error
    if not data.strip():
        raise ReadError(f"{path}: is empty; give a {FORMATS} file with rows")
    return data


def _form(path: Path, data: bytes) -> str:
    """The form of the content, which must not contradict the name."""
    found, named = _content(data), SUFFIXES.get(path.suffix.lower())
    if found == "binary":
        raise ReadError(f"{path}: is none of {FORMATS}; convert it to one of them")
    if named is not None and named != found:
        right = path.with_suffix(RIGHT_SUFFIX[found]).name
        raise ReadError(f"{path}: is named like {named}, but holds {found}; rename it to {right}")
    return found


def _content(data: bytes) -> str:
    for magic, form in MAGIC:
        if data.startswith(magic):
            return form
    if b"\x00" in data[:4096]:
        return "binary"
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return "JSON" if start in {b"{", b"["} else "CSV"


def _json_table(data: bytes) -> pl.DataFrame:
    """An array of objects, an object of columns, or one object per line."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    columns = from_columns(data)
    if columns is not None:
        return columns
    try:
        lines = json_lines(data)
    except ReadError:
        lines = [line for line in data.splitlines() if line.strip()]
        if not lines or not lines[0].rstrip().endswith(b"}"):
            raise
    body = lines_body(lines, None)
    if body.failures:
        first = body.failures[0]
        raise ReadError(f"record {first.row + 1} of {body.total}: {first.reason}")
    return body.frame


def _csv_table(data: bytes) -> pl.DataFrame:
    parsed = read_csv(data)
    if parsed.bad:
        first = parsed.bad[0]
        raise ReadError(f"line {first.row + 2}: {first.reason}")
    return parsed.frame


PARSERS: dict[str, Callable[[bytes], pl.DataFrame]] = {
    "CSV": _csv_table,
    "JSON": _json_table,
    "Parquet": read_parquet,
    "Arrow": read_arrow,
}
