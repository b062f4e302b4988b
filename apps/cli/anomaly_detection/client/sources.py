"""What can be sent into a stream - rows, lines, a frame or a file - as bodies of a bounded size."""

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from anomaly_detection.client.bodies import LINES, Records, bodies, grouped, of_frame
from anomaly_detection.errors import ClientError

if TYPE_CHECKING:
    import polars as pl

Row = Mapping[str, Any]
Source: TypeAlias = Union[str, Path, "pl.DataFrame", Iterable[Row], Iterable[bytes], Iterable[str]]
"""The path of a file; a Polars frame; rows as mappings; or lines of NDJSON, such as an open file has them."""


def bodies_of(source: Source, rows: int) -> Iterator[Records]:
    """`rows` records a body, in their order; no more of the source is held than a body."""
    if rows < 1:
        raise ClientError(f"batch_rows is {rows}; it must be 1 or more")
    if isinstance(source, str | Path):
        return bodies(Path(source), rows)
    polars = sys.modules.get("polars")
    if polars is not None and isinstance(source, polars.DataFrame):
        return of_frame(source, rows)
    if isinstance(source, bytes | Mapping) or not isinstance(source, Iterable):
        raise ClientError(
            f"a {type(source).__name__} cannot be sent; give a path, a Polars frame, or an iterable of rows or lines"
        )
    return _of_units(source, rows)


def _of_units(source: Iterable[Any], rows: int) -> Iterator[Records]:
    lines = (_line(number, unit) for number, unit in enumerate(source))
    for start, taken in grouped((line for line in lines if line != b"\n"), rows):
        yield Records(b"".join(taken), LINES, start, len(taken), 0.0)


def _line(number: int, unit: Any) -> bytes:
    """A row as one line of JSON; a line as it is."""
    if isinstance(unit, str | bytes):
        line = unit.encode() if isinstance(unit, str) else unit
        return line.strip() + b"\n"
    if not isinstance(unit, Mapping):
        raise ClientError(f"row {number} is a {type(unit).__name__}; a row is a mapping of names to values")
    values = {name: None if _is_missing(value) else value for name, value in unit.items()}
    try:
        return json.dumps(values, default=_plain, allow_nan=False, separators=(",", ":")).encode() + b"\n"
    except (TypeError, ValueError) as error:
        raise ClientError(f"row {number} cannot be sent as JSON: {error}") from error


def _is_missing(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _plain(value: Any) -> Any:
    """Times, and numbers of NumPy."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    item = getattr(value, "item", None)
    if item is None:
        raise TypeError(f"a {type(value).__name__} is no value of a record")
    return item()
