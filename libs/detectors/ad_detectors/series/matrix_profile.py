"""Matrix profile: windows unlike all windows of the training series."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.errors import DataError
from ad_detectors.kernels.matrix_profile import nearest_windows
from ad_detectors.matrix import Floats
from ad_detectors.parameters import option
from ad_detectors.series.residual import Compared, ResidualDetector, SeriesParameters
from ad_detectors.series.windows import centred

BLOCK = 0.05
"""Of the training series, this share on each side of a point is unknown to it: so it is scored as if new."""


@dataclass(frozen=True, kw_only=True)
class MatrixProfileParameters(SeriesParameters):
    """Parameters of `MatrixProfile`."""

    window: int = option(8, "points of a window", low=1, high=1_000)
    neighbors: int = option(5, "nearest windows that are averaged", low=1, high=1_000)
    most: int = option(
        50_000, "training points that are kept, the last ones of a longer series", low=2, high=1_000_000
    )


class MatrixProfile(ResidualDetector):
    """Matrix profile discords: the distance of each window to the nearest windows of the training series.

    Idea: whatever happened before, happens again; a window without a likeness in the training series is a
    discord. The score of a point is the root mean square distance, per point, of the window around it to its
    `neighbors` nearest windows, over all channels together (several, so that one odd training window does not
    excuse an anomaly), then averaged over `smoothing` points. The training series itself is scored against
    what lies at least a window and 5 % of it away. It uses what follows a point: half of a window, and half
    of the smoothing.

    Windows are not z-normalised: that would hide level shifts and saturation, the commonest faults of
    machines, and blow up the noise of flat windows. Channels are brought to one unit instead, see
    `ChannelScale`. Assumes a training series that shows the normal states, and points at regular intervals. A
    window of a few points suits many channels; for one channel with a shape, take the length of the shape.

    Cost: O(n · m · (d + window)) to score n points against m training points, 8 s for 24,000 × 24,000 with 38
    channels; fitting twice that. A training series beyond `most` points keeps the last ones.

    Contributions: each channel's share in the squared distance, over the norm; they add up to the score.
    Expected value: the mean of the nearest windows at this point; bounds as wide as 99 % of the training
    residuals.

    Parameters
    ----------
    window : int, default 8
    neighbors : int, default 5
    most : int, default 50000
    smoothing : int, default 9

    Source
    ------
    Yeh et al., Matrix Profile I, ICDM 2016 (similarity join); Yeh, Kavantzas and Keogh, Matrix Profile VI,
    ICDM 2017 (all channels together); Zhu et al., Matrix Profile II, ICDM 2016 (diagonals).

    Examples
    --------
    >>> import numpy as np
    >>> wave = np.sin(np.arange(600) / 5.0).reshape(-1, 1)
    >>> series = wave[300:].copy()
    >>> series[200:210] = 0.0
    >>> detector = MatrixProfile().fit(wave[:300])
    >>> int(detector.score(series).argmax()) in range(200, 210)
    True
    """

    name = "matrix_profile"
    parameters_type = MatrixProfileParameters
    parameters: MatrixProfileParameters

    def _learn(self, series: Floats) -> None:
        self._known = np.ascontiguousarray(series[-self.parameters.most :], np.float32)

    def _compare(self, series: Floats) -> Compared:
        window, known = self.parameters.window, self._known.astype(np.float64)
        rows, others = centred(series, window), centred(known, window)
        places = nearest_windows(
            np.ascontiguousarray(rows, np.float32),
            np.ascontiguousarray(others.T, np.float32),
            window,
            min(self.parameters.neighbors, len(known)),
            len(known) - len(series),
            self._apart(series),
        )
        there = places >= 0
        count = np.maximum(there.sum(axis=1), 1)[:, None]
        squares, expected = np.zeros(series.shape), np.zeros(series.shape)
        for place, found in zip(places.T, there.T, strict=True):
            for offset in range(window):
                away = rows[offset : offset + len(series)] - others[np.maximum(place, 0) + offset]
                squares += np.where(found[:, None], away * away, 0.0)
            expected += np.where(found[:, None], known[np.maximum(place, 0)], 0.0)
        alone = ~there[:, :1]
        return Compared(squares / (count * window), np.where(alone, series, expected / count))

    def _apart(self, series: Floats) -> int:
        """How far windows must lie apart: 0, but for the training series itself, where each is its own likeness."""
        if not np.array_equal(series.astype(np.float32)[-self.parameters.most :], self._known):
            return 0
        return max(self.parameters.window, int(BLOCK * len(series)))

    def _learnt(self) -> Arrays:
        return {"known": self._known}

    def _relearn(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._known = take(arrays, "known", np.float32, (None, len(self.feature_names)))
        if not len(self._known) or not np.isfinite(self._known).all():
            raise DataError("the known series is damaged: it must be finite and not empty")
