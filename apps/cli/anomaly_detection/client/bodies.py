"""A file as bodies of records that a server takes, each record as it stands in the file."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from anomaly_detection.errors import ClientError

if TYPE_CHECKING:
    import polars as pl

MAX_BYTES = 8 * 2**20
"""A body is closed when it has grown to this; far below what a server takes."""
LINES, CSV, JSON = "application/x-ndjson", "text/csv", "application/json"
ARROW = "application/vnd.apache.arrow.stream"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Records:
    """One body: `rows` records, the first of which is record `start` of the file."""

    content: bytes
    content_type: str
    start: int
    rows: int
    share: float
    """How much of the file is done with it, 0 to 1."""


def bodies(path: Path, rows: int) -> Iterator[Records]:
    """The records of a CSV, JSON, NDJSON, Parquet or Arrow file, `rows` at a time.

    A record that is not well formed is sent as it is, so that the server keeps it with its reason.
    """
    form = _form(path)
    if form in {"Parquet", "Arrow"}:
        found = _of_parts(path, rows)
    elif form == "CSV":
        found = _of_lines(path, rows, CSV)
    elif _has_lines(path):
        found = _of_lines(path, rows, LINES)
    else:
        found = _of_document(path, rows)
    empty = True
    for records in found:
        empty = False
        yield records
    if empty:
        raise ClientError(f"{path}: has no records; there is nothing to send")


def _form(path: Path) -> str:
    """By what is in the file, which must not contradict its name."""
    from ad_data.readers import FORMATS, MAGIC, RIGHT_SUFFIX, SUFFIXES

    if not path.exists():
        raise ClientError(f"{path}: no such file; give the path of a {FORMATS} file")
    if path.is_dir():
        raise ClientError(f"{path}: is a folder; give the path of a {FORMATS} file")
    with path.open("rb") as file:
        head = file.read(4096)
    text = head.removeprefix(BOM).lstrip()
    if not text:
        raise ClientError(f"{path}: is empty; give a {FORMATS} file with records")
    found = next((form for magic, form in MAGIC if head.startswith(magic)), None)
    if found is None and b"\x00" in head:
        raise ClientError(f"{path}: is none of {FORMATS}; convert it to one of them")
    found = found or ("JSON" if text[:1] in {b"{", b"["} else "CSV")
    named = SUFFIXES.get(path.suffix.lower(), found)
    if named != found and not _is_lines(path):
        right = path.with_suffix(RIGHT_SUFFIX[found]).name
        raise ClientError(f"{path}: is named like {named}, but holds {found}; rename it to {right}")
    return named


def _is_lines(path: Path) -> bool:
    return path.suffix.lower() in {".ndjson", ".jsonl"}


def _has_lines(path: Path) -> bool:
    """Whether the file is one object per line, rather than one document."""
    with path.open("rb") as file:
        lines = (line.removeprefix(BOM).strip() for line in file)
        full = (line for line in lines if line)
        first = next(full, b"")
        second = next(full, None)
    if _is_lines(path):
        return True
    try:
        return second is not None and isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _of_lines(path: Path, rows: int, content_type: str) -> Iterator[Records]:
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(len(BOM)) != BOM:
            file.seek(0)
        units = _csv_records(file) if content_type == CSV else (line for line in file if line.strip())
        head = next(units, b"") if content_type == CSV else b""
        head = head if not head or head.endswith(b"\n") else head + b"\n"
        for start, taken in grouped(units, rows):
            content = head + b"".join(taken)
            yield Records(content, content_type, start, len(taken), min(file.tell() / size, 1.0))


def _csv_records(file: BinaryIO) -> Iterator[bytes]:
    """Lines, joined where a line break stands between quotes."""
    record = b""
    while line := file.readline():
        record += line
        if record.count(b'"') % 2 and len(record) < MAX_BYTES:
            continue
        if record.strip():
            yield record
        record = b""
    if record.strip():
        yield record


def _of_document(path: Path, rows: int) -> Iterator[Records]:
    """An array, {"records": [...]}, or an object of columns."""
    from ad_data.body import json_lines
    from ad_data.errors import ReadError
    from ad_data.json_columns import from_columns

    data = path.read_bytes().removeprefix(BOM)
    try:
        columns = from_columns(data)
        records = [] if columns is not None else json_lines(data)
    except ReadError as error:
        raise ClientError(f"{path}: {error}") from error
    if columns is not None:
        yield from of_frame(columns, rows)
        return
    for start, taken in grouped(records, rows):
        share = (start + len(taken)) / len(records)
        yield Records(b"[" + b",".join(taken) + b"]", JSON, start, len(taken), share)


def _of_parts(path: Path, rows: int) -> Iterator[Records]:
    """Parquet or Arrow."""
    from ad_data.arrow_files import read_parts
    from ad_data.errors import ReadError

    start = 0
    try:
        for part in read_parts(path, rows):
            yield _arrow(part.frame, start, part.share)
            start += part.frame.height
    except ReadError as error:
        raise ClientError(f"{path}: {error}") from error


def of_frame(frame: "pl.DataFrame", rows: int) -> Iterator[Records]:
    """A frame, `rows` at a time."""
    start = 0
    for part in frame.iter_slices(rows):
        yield _arrow(part, start, (start + part.height) / frame.height)
        start += part.height


def _arrow(part: "pl.DataFrame", start: int, share: float) -> Records:
    buffer = BytesIO()
    part.write_ipc_stream(buffer)
    return Records(buffer.getvalue(), ARROW, start, part.height, share)


def grouped(units: Iterable[bytes], rows: int) -> Iterator[tuple[int, list[bytes]]]:
    """The units `rows` at a time, or fewer when they are long, with the number of the first."""
    start, size, taken = 0, 0, list[bytes]()
    for unit in units:
        taken.append(unit)
        size += len(unit)
        if len(taken) == rows or size >= MAX_BYTES:
            yield start, taken
            start, size, taken = start + len(taken), 0, []
    if taken:
        yield start, taken
