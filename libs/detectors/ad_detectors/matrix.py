"""What a detector takes: a matrix of float64, rows by features, with NaN where a value is missing."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.errors import DataError, ParameterError

Floats = NDArray[np.float64]

FLOAT64 = np.dtype(np.float64)
LARGEST = 1e30
"""Magnitudes beyond this, infinities too, count as this: it fits float32 and its square is finite."""


def as_matrix(data: ArrayLike, width: int | None = None) -> Floats:
    """Check data and return it as a C-ordered float64 matrix; the input itself is never changed.

    Parameters
    ----------
    data : array_like of shape (n, d)
        Numbers, integers or booleans. NaN means missing. Infinities are allowed.
    width : int, optional
        The number of features that is expected.

    Raises
    ------
    DataError
        The data is empty, not two-dimensional, not numeric or of another width.
    """
    if (  # what a worker scores, checked at one look: it is a tenth of the time of one record
        type(data) is np.ndarray
        and data.dtype is FLOAT64
        and data.ndim == 2
        and data.shape[1] == width
        and data.flags.carray
        and len(data)
    ):
        return data
    if isinstance(data, np.ma.MaskedArray):
        data = np.ma.filled(data.astype(np.float64), np.nan)
    array = data if isinstance(data, np.ndarray) else _converted(data)
    if array.dtype != np.float64:
        array = _as_float(array)
    if array.ndim != 2:
        raise DataError(
            f"expected a matrix of rows and features, got an array of {array.ndim} dimension(s) and shape "
            f"{array.shape}; reshape a single feature with x.reshape(-1, 1)"
        )
    if array.shape[0] == 0 or array.shape[1] == 0:
        raise DataError(f"the data is empty: shape {array.shape}; at least one row and one feature is needed")
    if width is not None and array.shape[1] != width:
        raise DataError(f"the data has {array.shape[1]} feature(s), the detector was fitted on {width}")
    return for_kernels(array, np.float64)


def for_kernels(array: ArrayLike, dtype: type[np.generic]) -> NDArray[Any]:
    """The array as kernels were compiled for: C-ordered, aligned, writable. Others would be compiled for anew."""
    return np.require(array, dtype, ("C_CONTIGUOUS", "ALIGNED", "WRITEABLE"))


def integers(name: str, values: ArrayLike) -> NDArray[np.int64]:
    """Whole numbers of shape (n,) for kernels, such as slots and times.

    Raises
    ------
    DataError
        They are of another type or shape; a fraction would be cut off, and a date taken as milliseconds.
    """
    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise DataError(
            f"{name} must be whole numbers of shape (n,), not {array.dtype} of shape {array.shape}"
        )
    return for_kernels(array, np.int64)


def count(name: str, value: object) -> int:
    """A whole number of at least 1, such as the slots of a state.

    Raises
    ------
    ParameterError
        It is another number, or none.
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise ParameterError(f"parameter {name!r} is {value!r}; valid is a whole number of at least 1")
    return int(value)


def share(name: str, value: object) -> float:
    """A share of rows that can be called anomalous: above 0 and up to 0.5.

    Raises
    ------
    ParameterError
        It is another number, or none.
    """
    if not isinstance(value, Real) or isinstance(value, bool) or not 0.0 < float(value) <= 0.5:
        raise ParameterError(f"parameter {name!r} is {value!r}; valid is a number above 0 and up to 0.5")
    return float(value)


def scores_of(values: ArrayLike) -> Floats:
    """Scores of any shape for a calibration; infinities are ordered as all numbers are, NaN is not.

    Raises
    ------
    DataError
        There is a NaN, or something that is no number.
    """
    valid = "valid are numbers, as `score` gives them"
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"parameter 'scores' is not numeric ({error}); {valid}") from error
    if np.isnan(array).any():
        place = ", ".join(map(str, np.argwhere(np.isnan(array))[0]))
        raise DataError(f"parameter 'scores' is nan at [{place}]; {valid}")
    return array


def missing_rows(matrix: Floats) -> NDArray[np.bool_]:
    """Which rows lack at least one value: bool of shape (n,)."""
    return np.asarray(np.isnan(matrix).any(axis=1), np.bool_)


def feature_names(names: Sequence[str] | None, width: int) -> tuple[str, ...]:
    """The given names, checked, or f0, f1, …"""
    if names is None:
        return tuple(f"f{i}" for i in range(width))
    if len(names) != width:
        raise DataError(f"{len(names)} feature name(s) were given for {width} feature(s)")
    if not all(isinstance(name, str) for name in names):
        raise DataError(f"feature names must be texts: {', '.join(map(repr, names))}")
    if len(set(names)) != width:
        raise DataError("feature names must differ: " + ", ".join(names))
    return tuple(names)


def _converted(data: Any) -> NDArray[Any]:
    try:
        return np.asarray(data)
    except ValueError as error:
        raise DataError(f"the data is not a matrix: {error}") from error


def _as_float(array: NDArray[Any]) -> Floats:
    if array.dtype.kind in "biuf":
        return array.astype(np.float64)
    try:
        if array.dtype.kind == "O":
            return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"the data is not numeric: {error}") from error
    raise DataError(
        f"the data is not numeric: its type is {array.dtype}; leave such columns out or encode them"
    )
