"""NumPy arrays, pandas and Polars frames, and lists, as a matrix with names."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats, as_matrix


@dataclass(frozen=True)
class Table:
    """A matrix and the names of its columns, as `Model.score_frame` takes it."""

    features: Floats
    names: tuple[str, ...]


def as_table(data: Any) -> Table | None:
    """The table of a pandas or Polars frame; None for anything without column names.

    Raises
    ------
    DataError
        A column is not numeric.
    """
    if not hasattr(data, "columns") or not hasattr(data, "to_numpy"):
        return None
    names = tuple(str(name) for name in data.columns)
    columns = [_column(name, data[key]) for name, key in zip(names, data.columns, strict=True)]
    if not columns:
        raise DataError("the frame has no columns")
    return Table(np.column_stack(columns), names)


def as_rows(data: Any) -> tuple[Floats, tuple[str, ...] | None]:
    """The matrix and, for a frame, the names."""
    table = as_table(data)
    return (as_matrix(data), None) if table is None else (table.features, table.names)


def _column(name: str, column: Any) -> Floats:
    # Polars refuses float(None); both libraries turn nulls into NaN when they are asked for float64.
    kind = str(column.dtype).lower()
    if not kind.startswith(("int", "uint", "float", "bool", "decimal")):
        raise DataError(f"column {name!r} is not numeric ({column.dtype}); leave it out or encode it")
    if type(column).__module__.startswith("polars"):
        import polars

        values = column.cast(polars.Float64).to_numpy()
    else:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(values, np.float64)
