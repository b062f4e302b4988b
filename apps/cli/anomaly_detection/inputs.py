"""NumPy arrays, pandas and Polars frames, PyArrow tables, and lists, as a matrix with names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats, as_matrix


@dataclass(frozen=True)
class Table:
    """A matrix and the names of its columns."""

    features: Floats
    names: tuple[str, ...] | None
    """None where the columns have no names."""


def as_rows(data: Any) -> Table:
    """The matrix of anything that is a table, with the names of its columns when all of them are text.

    Raises
    ------
    DataError
        It is sparse, empty, not two-dimensional, or a column is not numeric.
    """
    frame = _frame(data)
    if frame is None:
        return Table(as_matrix(_dense(data)), None)
    keys = list(frame.columns)
    if len(set(keys)) != len(keys):
        raise DataError(f"column names must differ: {', '.join(map(str, keys))}")
    columns = [_column(str(key), frame[key]) for key in keys]
    if not columns:
        raise DataError("the frame has no columns; at least one feature is needed")
    names = tuple(keys) if all(isinstance(key, str) for key in keys) else None
    return Table(as_matrix(np.column_stack(columns)), names)


def matched(table: Table, features: Sequence[str], who: str) -> Floats:
    """The columns of a table in the order of the features of a fitted detector.

    Columns are matched by name where both sides have names, whatever their order, else by position.

    Raises
    ------
    DataError
        The columns are not the features; the message lists the difference.
    """
    width = table.features.shape[1]
    names = table.names
    if names is not None and (set(names) == set(features) or not _numbered(features)):
        missing = [name for name in features if name not in names]
        unexpected = [name for name in names if name not in features]
        if missing or unexpected:
            parts = (("missing", missing), ("unexpected", unexpected))
            told = "; ".join(f"{word}: {', '.join(found)}" for word, found in parts if found)
            raise DataError(
                f"the columns are not the {len(features)} feature(s) that {who} was fitted on; {told}"
            )
        return np.ascontiguousarray(table.features[:, [names.index(name) for name in features]])
    if width != len(features):
        raise DataError(
            f"X has {width} features, but {who} is expecting {len(features)} features as input: "
            + ", ".join(features)
        )
    return table.features


def _numbered(features: Sequence[str]) -> bool:
    """Whether these are the names that stand for none."""
    return all(name == f"f{place}" for place, name in enumerate(features))


def _frame(data: Any) -> Any:
    """A pandas or Polars frame; None for anything without columns."""
    if hasattr(data, "collect") and not hasattr(data, "to_numpy"):
        raise DataError("the frame is lazy; collect() makes a table of it")
    if hasattr(data, "columns") and hasattr(data, "to_numpy"):
        return data
    if hasattr(data, "schema") and (
        hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")
    ):
        import polars

        return polars.DataFrame(data)
    return None


def _dense(data: Any) -> Any:
    """The data, unless it is of a kind for which a matrix of numbers cannot be had without saying so."""
    if hasattr(data, "toarray"):
        raise DataError("sparse data is not supported; X.toarray() makes it dense")
    if getattr(getattr(data, "dtype", None), "kind", "") == "c":
        raise DataError("Complex data not supported; take the real part, or both parts as two features")
    shape: tuple[int, ...] = getattr(data, "shape", ())
    if len(shape) == 1:
        raise DataError(
            f"expected rows and features, got {shape[0]} values in one dimension. Reshape your data: "
            "x.reshape(-1, 1) is one feature, x.reshape(1, -1) one row"
        )
    if len(shape) == 2 and shape[1] == 0:
        raise DataError(f"0 feature(s) (shape={shape}) while a minimum of 1 is required.")
    return data


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
