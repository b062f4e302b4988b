"""CSV to a frame; a line with too many values costs that line, not the file."""

import csv
from collections.abc import Iterable
from io import BytesIO, StringIO
from typing import NamedTuple

import polars as pl

from ad_data.errors import ReadError

SEPARATORS = ",;\t|"
NULLS = ["", "nan", "NaN", "NA", "N/A", "null", "NULL", "None"]
SNIFFED_BYTES = 65_536
BOM = b"\xef\xbb\xbf"


class BadLine(NamedTuple):
    """A line that is not like the header: its row, its text, and why."""

    row: int
    raw: bytes
    reason: str


class Csv(NamedTuple):
    frame: pl.DataFrame
    rows: list[int] | range
    bad: list[BadLine]


def read_csv(data: bytes, text_columns: Iterable[str] = ()) -> Csv:
    """Types are inferred from all rows; `text_columns` stay text (an entity 007 is not 7)."""
    _check_text(data)
    separator = _separator(data)
    frame = _parse(data, separator, text_columns)
    if isinstance(frame, pl.DataFrame):
        return Csv(frame, range(frame.height), [])
    good, rows, bad = _sorted_out(data, separator)
    again = _parse(good, separator, text_columns)
    if isinstance(again, str) or not bad:
        raise ReadError(f"not readable as CSV: {frame}")
    return Csv(again, rows, bad)


def _parse(data: bytes, separator: str, text_columns: Iterable[str]) -> pl.DataFrame | str:
    """The frame, or in one line why not."""
    # polars would unpack what begins like zlib; behind a byte order mark, text is text. Others are no UTF-8.
    plain = BOM + data if data.startswith(b"x") else data
    try:
        return pl.read_csv(
            BytesIO(plain),
            separator=separator,
            infer_schema_length=None,
            null_values=NULLS,
            schema_overrides=dict.fromkeys(text_columns, pl.String()),
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        return str(error).splitlines()[0][:200]


def _check_text(data: bytes) -> None:
    if not data.removeprefix(BOM).strip():
        raise ReadError("empty: a CSV has a header line and rows")
    if b"\x00" in data[:SNIFFED_BYTES]:
        raise ReadError("not readable as CSV: it is binary")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise ReadError(f"not readable as CSV: not UTF-8 at byte {error.start}; save it as UTF-8") from error


def _separator(data: bytes) -> str:
    header = data[:SNIFFED_BYTES].lstrip().splitlines()[0].decode(errors="replace")
    return max(SEPARATORS, key=header.count)


def _sorted_out(data: bytes, separator: str) -> tuple[bytes, list[int], list[BadLine]]:
    """The lines that fit the header, where they stood, and the others."""
    try:
        lines = list(csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator))
    except csv.Error as error:
        raise ReadError(f"not readable as CSV: {error}") from error
    header, records = lines[0], [line for line in lines[1:] if line]
    out = StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(header)
    rows, bad = [], []
    for row, line in enumerate(records):
        if len(line) > len(header):
            reason = f"{len(line)} values in a line, the header has {len(header)}"
            bad.append(BadLine(row, separator.join(line).encode(), reason))
        else:
            rows.append(row)
            writer.writerow(line + [""] * (len(header) - len(line)))
    return out.getvalue().encode(), rows, bad
