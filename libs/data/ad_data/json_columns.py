"""JSON as an object of columns: {"cpu": [1, 2], "memory": [3, 4]}."""

import json
from typing import Any

import polars as pl

from ad_data.errors import ReadError


def from_columns(data: bytes) -> pl.DataFrame | None:
    """None when the document is something else."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if (
        not isinstance(document, dict)
        or not document
        or not all(_is_column(value) for value in document.values())
    ):
        return None
    lengths = {name: len(values) for name, values in document.items()}
    if len(set(lengths.values())) > 1:
        raise ReadError(
            f"columns differ in length: {', '.join(f'{name} {n}' for name, n in lengths.items())[:200]}"
        )
    try:
        return pl.DataFrame([_series(name, values) for name, values in document.items()])
    except (TypeError, OverflowError, pl.exceptions.PolarsError) as error:
        raise ReadError(f"columns are not of one type each: {str(error).splitlines()[0][:200]}") from error


def _series(name: str, values: list[Any]) -> pl.Series:
    numbers = any(isinstance(value, float) for value in values)
    return pl.Series(name, [float(v) if type(v) is int else v for v in values] if numbers else values)


def _is_column(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(item, dict | list) for item in value)
