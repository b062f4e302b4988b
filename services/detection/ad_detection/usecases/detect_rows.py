"""Scores rows that came with a request: by a model of the registry, or by a detector fitted on the rows themselves."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_chassis.errors import NotFound, Unprocessable
from ad_detection.ports import ModelSource, ModelUnusable
from ad_detectors.errors import DetectorError
from ad_detectors.model import Model, Scored

MAX_ROWS = 100_000
MAX_NAMED = 10
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """The numeric columns of the rows; NaN where a value is missing. Fits `Model.score_frame`."""

    names: tuple[str, ...]
    features: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Detected:
    algorithm: str
    model_version: str | None
    names: tuple[str, ...]
    scored: Scored


def table_of(rows: Sequence[Row]) -> Table:
    """Numbers and booleans by column. A text where other rows have numbers is an error that names the place."""
    if not rows:
        raise Unprocessable(
            "the data is empty", errors=[{"field": "data", "message": "give 1 to 100,000 rows"}]
        )
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, NDArray[np.float64]] = {}
    wrong: list[Any] = []
    for name in names:
        values = [row.get(name) for row in rows]
        bad = next((place for place, value in enumerate(values) if not _is_number(value)), None)
        if bad is not None:
            message = f"{values[bad]!r} is not a number"
            wrong.append({"field": f"data.{bad}.{name}", "message": message[:200]})
            continue
        columns[name] = pl.Series(values, dtype=pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    if wrong:
        raise Unprocessable("some values are not numbers; leave such columns out", errors=wrong[:MAX_NAMED])
    if not columns:
        raise Unprocessable(
            "the rows have no columns", errors=[{"field": "data", "message": "name at least one value"}]
        )
    return Table(tuple(columns), np.column_stack(list(columns.values())))


async def detect_by_algorithm(
    rows: Sequence[Row], algorithm: str, contamination: float, parameters: Mapping[str, Any]
) -> Detected:
    """Fits on the rows and scores them."""

    def work() -> Detected:
        table = table_of(rows)
        model = Model.train(
            algorithm, table.features, table.names, contamination=contamination, parameters=parameters
        )
        return Detected(algorithm, None, table.names, model.score_frame(table))

    try:
        return await asyncio.to_thread(work)
    except DetectorError as error:
        raise Unprocessable(str(error)) from error


async def detect_by_model(
    models: ModelSource, tenant: str, rows: Sequence[Row], name: str, version: int
) -> Detected:
    """Scores rows as the stream does: same model, same code, same bits."""
    try:
        model = await models.load(tenant, name, version)
    except ModelUnusable as error:
        raise NotFound(str(error)) from error

    def work() -> Detected:
        table = table_of(rows)
        return Detected(model.algorithm, f"{name}@{version}", model.feature_names, model.score_frame(table))

    try:
        return await asyncio.to_thread(work)
    except DetectorError as error:
        raise Unprocessable(str(error)) from error


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, int | float)
