"""Event times of rows, as people hold them, in milliseconds since the epoch."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.errors import DataError


def as_milliseconds(times: Any, rows: int) -> NDArray[np.int64]:
    """Milliseconds since the epoch: int64 of shape (rows,).

    Parameters
    ----------
    times : datetime, or sequence of datetimes, ISO texts, datetime64 or numbers
        Numbers are milliseconds; times without a zone are UTC. One time stands for all rows.

    Raises
    ------
    DataError
        There are more or fewer times than rows, one is missing, or is no time.
    """
    array = np.atleast_1d(np.asarray(times))
    if array.shape not in {(1,), (rows,)}:
        raise DataError(f"time has shape {array.shape}, the data has {rows} row(s); each row needs one time")
    found = _converted(array)
    return np.ascontiguousarray(np.broadcast_to(found, (rows,)))


def _converted(array: NDArray[Any]) -> NDArray[np.int64]:
    if array.dtype.kind in "OU":
        array = np.array([_one(value) for value in array.tolist()], "datetime64[us]")
    if array.dtype.kind == "M":
        if np.isnat(array).any():
            raise DataError(f"time is missing in row {int(np.isnat(array).argmax())}; each row needs one")
        return array.astype("datetime64[ms]").astype(np.int64)
    if array.dtype.kind not in "iuf":
        raise DataError(f"time is of type {array.dtype}; valid are datetimes, ISO texts and milliseconds")
    if not np.isfinite(array).all():
        raise DataError(f"time is missing in row {int((~np.isfinite(array)).argmax())}; each row needs one")
    return array.astype(np.int64)


def _one(value: Any) -> Any:
    """A time of its own kind without its zone, in UTC; NaT and None are missing."""
    if value is None or value != value:  # noqa: PLR0124 - as pandas' NaT of any kind
        return np.datetime64("NaT")
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise DataError(f"time {value!r} is no ISO time, such as 2024-01-31T12:00:00Z") from error
    if not isinstance(moment, datetime):
        raise DataError(f"time {value!r} is no time; valid are datetimes, ISO texts and milliseconds")
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
