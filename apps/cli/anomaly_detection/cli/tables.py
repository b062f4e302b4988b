"""A data file as the command line sees it: numeric features, and a time for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_data.readers import read_table
from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats
from anomaly_detection.errors import CliError
from anomaly_detection.times import as_milliseconds

DATES = (pl.Date, pl.Datetime)
KEYS = (pl.String, pl.Categorical, pl.Enum)
TIME_NAMES = ("timestamp", "time", "datetime", "date", "ts")
LABEL = "label"


@dataclass(frozen=True)
class DataFile:
    """What was read from a file.

    `features` and `names` are what `Model.score_frame` takes; `left_out` are the columns that are no numbers.
    """

    path: Path
    features: Floats
    names: tuple[str, ...]
    times: list[str] | None
    left_out: tuple[str, ...]
    frame: pl.DataFrame
    time: str | None
    """The column of times."""
    entity: str | None = None
    """The column that tells entities apart."""
    labels: str | None = None
    """The column that was taken for labels, and so for no feature."""

    @property
    def entities(self) -> list[str | None] | None:
        """Whose each row is."""
        return None if self.entity is None else self.frame[self.entity].cast(pl.String).to_list()

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.features)


def load(
    path: Path,
    columns: Sequence[str] | None = None,
    without: Sequence[str] = (),
    entity: str | None = None,
    *,
    spare_labels: bool = False,
) -> DataFile:
    """Read a file; take the named columns, or every numeric one except those `without` and the entity.

    With `spare_labels`, a column `label` of zeros and ones is no feature either: it would give the answer away.
    """
    frame = read_table(path)
    time = _time_column(frame)
    labels = LABEL if spare_labels and columns is None and _holds_labels(frame) else None
    if labels is not None:
        without = (*without, labels)
    if entity is not None:
        _check_entity(path, frame, entity, columns or ())
        time, without = None if time == entity else time, (*without, entity)
    if columns is not None:
        _check_columns(path, frame, columns)
        names = tuple(columns)
    else:
        usable = [name for name in frame.columns if name not in without and name != time]
        names = tuple(name for name in usable if _is_number(frame[name].dtype))
        if not names:
            raise CliError(
                f"{path}: no numeric column among {', '.join(frame.columns)}; at least one is needed"
            )
    left_out = tuple(n for n in frame.columns if n not in names and n != time and n not in without)
    times = None if time is None else [_shown(value) for value in frame[time].to_list()]
    return DataFile(path, _matrix(frame, names), names, times, left_out, frame, time, entity, labels)


def moments(data: DataFile) -> NDArray[np.int64] | None:
    """Event times in milliseconds since the epoch; None where there are none, or not for every row."""
    if data.time is None:
        return None
    column = data.frame[data.time]
    try:
        if column.dtype == pl.String:
            return as_milliseconds(column.to_list(), data.rows)
        return column.dt.epoch("ms").to_numpy() if column.dtype in DATES and not column.null_count() else None
    except DataError:
        return None


def labels_of(data: DataFile, column: str) -> NDArray[np.bool_]:
    """A column of zeros and ones, or of true and false."""
    values = data.frame[column]
    if not _is_zero_or_one(values):
        raise CliError(f"{data.path}: column {column!r} must hold 1 for an anomaly and 0 for a normal row")
    return np.asarray(values.cast(pl.Float64).to_numpy() == 1.0, np.bool_)


def _is_zero_or_one(values: pl.Series) -> bool:
    return _is_number(values.dtype) and not values.null_count() and set(values.unique().to_list()) <= {0, 1}


def _holds_labels(frame: pl.DataFrame) -> bool:
    return LABEL in frame.columns and frame.width > 1 and _is_zero_or_one(frame[LABEL])


def _check_columns(path: Path, frame: pl.DataFrame, columns: Sequence[str]) -> None:
    for name in columns:
        if name not in frame.columns:
            raise CliError(f"{path}: no column {name!r}; there are {', '.join(frame.columns)}")
        if not _is_number(frame[name].dtype):
            raise CliError(f"{path}: column {name!r} is not numeric ({frame[name].dtype}); leave it out")


def _check_entity(path: Path, frame: pl.DataFrame, entity: str, columns: Sequence[str]) -> None:
    if entity not in frame.columns:
        raise CliError(f"{path}: no column {entity!r} for --entity; there are {', '.join(frame.columns)}")
    if not (isinstance(frame[entity].dtype, KEYS) or frame[entity].dtype.is_integer()):
        raise CliError(
            f"{path}: column {entity!r} is {frame[entity].dtype}; --entity needs texts or whole numbers"
        )
    if entity in columns:
        raise CliError(f"column {entity!r} tells entities apart; leave it out of --columns")


def _matrix(frame: pl.DataFrame, names: Sequence[str]) -> Floats:
    columns = [frame[name].cast(pl.Float64).to_numpy() for name in names]
    return np.ascontiguousarray(np.column_stack(columns), np.float64)


def _is_number(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype == pl.Boolean


def _time_column(frame: pl.DataFrame) -> str | None:
    temporal = [name for name in frame.columns if frame[name].dtype.is_temporal()]
    named = [name for name in frame.columns if name.lower() in TIME_NAMES]
    return next(iter([*temporal, *named]), None)


def _shown(value: object) -> str:
    return "" if value is None else str(value).removesuffix(".000000").removesuffix("+00:00")
