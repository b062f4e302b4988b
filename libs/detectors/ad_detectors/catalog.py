"""The detectors by name. Looking around is cheap: a detector's module is imported when it is first made."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from ad_detectors.entries import ENTRIES, Entry, Kind
from ad_detectors.errors import UnknownDetectorError

if TYPE_CHECKING:
    from ad_detectors.base import Detector, FittedDetector, SeriesDetector, StreamingDetector
    from ad_detectors.drift.base import DriftDetector
    from ad_detectors.graph.base import GraphDetector

__all__ = [
    "ENTRIES",
    "Entry",
    "Kind",
    "create",
    "create_drift",
    "create_fitted",
    "create_graph",
    "create_series",
    "create_streaming",
    "get",
    "names",
]


def names(kind: Kind | None = None) -> tuple[str, ...]:
    """The names of all detectors, or of one kind."""
    return tuple(name for name, entry in ENTRIES.items() if kind in (None, entry.kind))


def get(name: str, kind: Kind | None = None) -> Entry:
    """The entry of a detector.

    Raises
    ------
    UnknownDetectorError
        There is no such detector (of this kind); the message lists those that there are.
    """
    entry = ENTRIES.get(name)
    if entry is None:
        raise UnknownDetectorError(f"unknown algorithm {name!r}; valid choices: {', '.join(names(kind))}")
    if kind not in (None, entry.kind):
        raise UnknownDetectorError(
            f"algorithm {name!r} is a {entry.kind} detector, a {kind} one is needed; "
            f"valid choices: {', '.join(names(kind))}"
        )
    return entry


def create(name: str, **parameters: Any) -> "Detector":
    """An unfitted batch detector.

    Examples
    --------
    >>> create("zscore", deviations=4).parameters
    ZScoreParameters(deviations=4.0)
    """
    return cast("type[Detector]", get(name, "batch").detector_type)(**parameters)


def create_series(name: str, **parameters: Any) -> "SeriesDetector":
    """An unfitted detector of time series."""
    return cast("type[SeriesDetector]", get(name, "series").detector_type)(**parameters)


def create_fitted(name: str, **parameters: Any) -> "FittedDetector":
    """An unfitted detector of rows or of time series, whichever has this name.

    Raises
    ------
    UnknownDetectorError
        There is none, or it is a streaming detector, which is never fitted.
    """
    kind: Kind = "series" if name in names("series") else "batch"
    return cast("type[FittedDetector]", get(name, kind).detector_type)(**parameters)


def create_streaming(name: str, **parameters: Any) -> "StreamingDetector":
    """A streaming detector."""
    return cast("type[StreamingDetector]", get(name, "streaming").detector_type)(**parameters)


def create_drift(name: str, features: Sequence[str] | None = None, **parameters: Any) -> "DriftDetector":
    """A detector of drift, for features of these names.

    Examples
    --------
    >>> create_drift("adwin", ["load"], delta=0.01).parameters.delta
    0.01
    """
    return cast("type[DriftDetector]", get(name, "drift").detector_type)(features, **parameters)


def create_graph(name: str, **parameters: Any) -> "GraphDetector":
    """A detector of anomalies among who talks to whom."""
    return cast("type[GraphDetector]", get(name, "graph").detector_type)(**parameters)
