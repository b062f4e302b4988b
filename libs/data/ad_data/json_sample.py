"""A schema to parse JSON with when there is none yet: what most of the first records say."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

from ad_data.errors import ReadError
from ad_data.infer import infer
from ad_data.schema import StreamSchema

SAMPLE_RECORDS = 1000


def sampled_schema(lines: Sequence[bytes]) -> StreamSchema:
    """Every field of the first records, with the type that most of its values have."""
    if not lines:
        raise ReadError("empty: no records; at least one JSON object belongs here")
    records = [record for line in lines[:SAMPLE_RECORDS] if (record := _record(line)) is not None]
    names = dict.fromkeys(name for record in records for name in record if name and not name.startswith("_"))
    if not names:
        raise ReadError("no readable record among the first: JSON objects with named fields belong here")
    return infer(pl.DataFrame([_column(name, records) for name in names]))


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _column(name: str, records: list[dict[str, Any]]) -> pl.Series:
    values = [value for record in records if (value := record.get(name)) is not None]
    kinds = Counter(_kind(value) for value in values)
    kind = kinds.most_common(1)[0][0] if kinds else "number"
    if kind == "text":
        return pl.Series(
            name, _padded([value for value in values if isinstance(value, str)], records), pl.String
        )
    dtype = {"number": pl.Float64(), "boolean": pl.Boolean(), "other": pl.Binary()}[kind]
    return pl.Series(name, [None] * len(records), dtype)


def _padded(values: list[Any], records: list[dict[str, Any]]) -> list[Any]:
    return values + [None] * (len(records) - len(values))


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "other"
