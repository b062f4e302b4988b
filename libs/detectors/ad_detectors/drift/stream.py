"""The interface of drift detectors that follow a stream."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.drift.base import DriftDetector
from ad_detectors.drift.report import Drift, DriftReport
from ad_detectors.errors import DataError
from ad_detectors.kernels.findings import (
    AFTER,
    BEFORE,
    FEATURE,
    PROBABILITY,
    ROW,
    SINCE,
    STATISTIC,
    THRESHOLD,
)
from ad_detectors.matrix import Floats, count
from ad_detectors.streaming.base import State

Shape = tuple[tuple[int, ...], type[np.generic]]


class StreamingDriftDetector(DriftDetector):
    """Follows a stream, row after row, in a state of constant size.

    The state is a dictionary of plain arrays whose first axis is the feature; a copy of them is a snapshot.
    Any split of a stream into calls finds the same, bit for bit. A missing value (NaN) is skipped.
    """

    def new_state(self, features: int | None = None) -> State:
        """The state before the first row, for this number of features; the number of names by default."""
        if features is None and not self.features:
            raise DataError("a state needs at least one feature; say how many or give their names")
        width = count("features", len(self.features or ()) if features is None else features)
        self._names(width)
        return {name: np.zeros(shape, dtype) for name, (shape, dtype) in self._shapes(width).items()}

    def update(self, state: State, data: ArrayLike, time_ms: NDArray[np.int64]) -> DriftReport:
        """Take rows in their order; `state` is changed in place.

        Parameters
        ----------
        state : dict of arrays
            From `new_state` or a snapshot.
        data : array_like of shape (n, d)
            The rows; NaN means missing.
        time_ms : int64 of shape (n,)
            Event time of each row in milliseconds since the epoch.

        Raises
        ------
        DataError
            The data has another width than the state, the lengths differ, or the state is not this detector's.
        """
        self._check_state(state)
        matrix = self._matrix(data, len(state["rows"]))
        if len(matrix) != len(time_ms):
            raise DataError(f"{len(matrix)} rows came with {len(time_ms)} times; each row needs one")
        seen = int(state["rows"][0])
        found = self._update(state, matrix)
        order = np.lexsort((found[:, FEATURE], found[:, ROW]))
        names = self._names(matrix.shape[1])
        findings = tuple(_drift(row, names, int(time_ms[int(row[ROW]) - seen])) for row in found[order])
        return DriftReport(detector=self.title, features=names, findings=findings)

    def warm_up(self) -> None:
        """Compile the update."""
        names = self.features or ("f0",)
        self.update(self.new_state(len(names)), np.zeros((1, len(names))), np.zeros(1, np.int64))

    def _check_state(self, state: State) -> None:
        """The kernel would compile again for, or crash on, arrays of another kind."""
        expected = self._shapes(len(state["rows"]) if "rows" in state else 1)
        if state.keys() != expected.keys():
            odd = ", ".join(sorted(state.keys() ^ expected.keys()))
            raise DataError(f"this is not a state of the detector {self.name!r}: the arrays differ in {odd}")
        for name, (shape, dtype) in expected.items():
            array = state[name]
            if array.dtype != dtype or array.shape != shape or not array.flags.carray:
                raise DataError(
                    f"array {name!r} of the state must be writable, C-ordered {np.dtype(dtype)} of shape {shape}, "
                    f"not {array.dtype} of {array.shape}; copy a snapshot before it is used"
                )

    @abstractmethod
    def _shapes(self, width: int) -> dict[str, Shape]:
        """Shape and type of each array; one of them is `rows`, int64 of shape (width,): the rows seen."""

    @abstractmethod
    def _update(self, state: State, matrix: Floats) -> Floats:
        """Call the kernel; the columns of what it found are those of `kernels.findings`."""


def _drift(row: Floats, names: Sequence[str], time_ms: int) -> Drift:
    return Drift(
        feature=names[int(row[FEATURE])],
        row=int(row[ROW]),
        since_row=int(row[SINCE]),
        time_ms=time_ms,
        statistic=float(row[STATISTIC]),
        threshold=float(row[THRESHOLD]),
        probability=float(row[PROBABILITY]),
        before=float(row[BEFORE]),
        after=float(row[AFTER]),
    )
