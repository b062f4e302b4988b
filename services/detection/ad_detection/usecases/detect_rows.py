"""Scores rows that came with a request: by a model of the registry, or by a detector fitted on the rows themselves."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_chassis.errors import NotFound, TooManyRequests, Unprocessable
from ad_detection.ports import ModelSource, ModelUnusable, Readiness
from ad_detectors import catalog
from ad_detectors.errors import DetectorError
from ad_detectors.model import Model, Scored
from ad_detectors.parameters import ParameterDoc

MAX_ROWS = 100_000
MOST_WORK = 500
"""Of trees, cuts, epochs, neighbours and the like, unless the default is more."""
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


class AtOnce:
    """Threads of their own for requests, so that they do not take those in which the stream is scored."""

    def __init__(self, threads: int = 1, waiting: int = 16) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="detect")
        self._free = threads + waiting

    async def run(self, work: Callable[[], Detected]) -> Detected:
        if self._free == 0:
            raise TooManyRequests("too many requests are being scored at once; try again in a moment")
        self._free -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._free += 1


async def detect_by_algorithm(
    at_once: AtOnce,
    readiness: Readiness,
    rows: Sequence[Row],
    algorithm: str,
    contamination: float,
    parameters: Mapping[str, Any],
) -> Detected:
    """Fits on the rows and scores them."""
    try:
        known = catalog.get(algorithm, "batch").parameters
    except DetectorError as error:
        raise Unprocessable(str(error)) from error
    _affordable(parameters, known)
    await readiness.ready(algorithm)

    def work() -> Detected:
        table = table_of(rows)
        model = Model.train(
            algorithm, table.features, table.names, contamination=contamination, parameters=parameters
        )
        return Detected(algorithm, None, table.names, model.score_frame(table))

    try:
        return await at_once.run(work)
    except DetectorError as error:
        raise Unprocessable(str(error)) from error


async def detect_by_model(
    at_once: AtOnce, models: ModelSource, tenant: str, rows: Sequence[Row], name: str, version: int
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
        return await at_once.run(work)
    except DetectorError as error:
        raise Unprocessable(str(error)) from error


def _affordable(parameters: Mapping[str, Any], known: Sequence[ParameterDoc]) -> None:
    """What takes long belongs into a training job, which has limits and can be cancelled."""
    for doc in known:
        value = parameters.get(doc.name, 0)
        if doc.type != "integer" or doc.name == "seed" or not isinstance(value, int):
            continue
        most = max(MOST_WORK, doc.default)
        if value > most:
            message = f"at most {most} here; train a model for more"
            raise Unprocessable(
                f"{doc.name} = {value} is too much work for a request",
                errors=[{"field": f"parameters.{doc.name}", "message": message}],
            )


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, int | float)
