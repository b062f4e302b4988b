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


@dataclass(frozen=True)
class Fitted:
    """The features of a fitted detector, in their order, and what it is called in messages."""

    features: tuple[str, ...]
    who: str

    def check(self, names: Sequence[str] | None) -> bool:
        """Whether columns of these names are matched by name: where both sides have names.

        Raises
        ------
        DataError
            They are not the features; the message lists the difference.
        """
        if names is None or (set(names) != set(self.features) and _numbered(self.features)):
            return False
        missing = [name for name in self.features if name not in names]
        unexpected = [name for name in names if name not in self.features]
        if missing or unexpected:
            parts = (("missing", missing), ("unexpected", unexpected))
            told = "; ".join(f"{word}: {', '.join(found)}" for word, found in parts if found)
            raise DataError(
                f"the columns are not the {len(self.features)} feature(s) that {self.who} was fitted on; {told}"
            )
        return True

    def matched(self, table: Table) -> Floats:
        """The columns of a table in the order of the features: by name, whatever their order, or by position.

        Raises
        ------
        DataError
            The columns are not the features.
        """
        width, names = table.features.shape[1], table.names
        if names is not None and self.check(names):
            return np.ascontiguousarray(table.features[:, [names.index(name) for name in self.features]])
        if width != len(self.features):
            raise DataError(
                f"X has {width} features, but {self.who} is expecting {len(self.features)} features as input: "
                + ", ".join(self.features)
            )
        return table.features


NOTHING = Fitted((), "nothing")


def as_rows(data: Any, fitted: Fitted = NOTHING) -> Table:
    """The matrix of anything that is a table, with the names of its columns when all of them are text.

    Where a detector is fitted, columns that it does not know are refused before anything is said of their type.

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
    names = tuple(keys) if all(isinstance(key, str) for key in keys) else None
    hint = "leave it out or encode it"
    if fitted.features and fitted.check(names):
        hint = f"{fitted.who} was fitted on numbers there"
    columns = [_column(str(key), frame[key], hint) for key in keys]
    if not columns:
        raise DataError("the frame has no columns; at least one feature is needed")
    return Table(as_matrix(np.column_stack(columns)), names)


def as_points(data: Any, fitted: Fitted = NOTHING) -> Table:
    """As `as_rows`; what has one dimension is one feature, with the name of a pandas or Polars series.

    Examples
    --------
    >>> as_points([1.0, 2.0, 3.0]).features.shape
    (3, 1)
    """
    line = None if _frame(data) is not None else _line(data)
    if line is None:
        return as_rows(data, fitted)
    if len(fitted.features) > 1:
        raise DataError(
            f"{len(line)} values in one dimension are those of one feature, {fitted.who} has "
            f"{len(fitted.features)}: {', '.join(fitted.features)}. Reshape your data: x.reshape(1, -1) is one row"
        )
    name = getattr(data, "name", None)
    names = (name,) if isinstance(name, str) and name else None
    return Table(as_matrix(line.reshape(-1, 1)), names)


def times_of(data: Any) -> Any:
    """The DatetimeIndex of a pandas frame or series; None where there is none."""
    index = getattr(data, "index", None)
    return index if getattr(getattr(index, "dtype", None), "kind", "") == "M" else None


def _line(data: Any) -> Any:
    """An array of one dimension; None for what has another number of them."""
    if hasattr(data, "name") and hasattr(data, "to_numpy"):
        return _column(str(data.name or "the series"), data, "encode it")
    if isinstance(data, np.ndarray):
        return data if data.ndim == 1 else None
    if hasattr(data, "toarray"):
        return None
    try:
        array = np.asarray(data)
    except ValueError:
        return None
    return array if array.ndim == 1 else None


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


def _column(name: str, column: Any, hint: str) -> Floats:
    # Polars refuses float(None); both libraries turn nulls into NaN when they are asked for float64.
    kind = str(column.dtype).lower()
    if not kind.startswith(("int", "uint", "float", "bool", "decimal")):
        raise DataError(f"column {name!r} is not numeric ({column.dtype}); {hint}")
    if type(column).__module__.startswith("polars"):
        import polars

        values = column.cast(polars.Float64).to_numpy()
    else:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(values, np.float64)
