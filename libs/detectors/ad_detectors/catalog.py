"""The detectors by name. Looking around is cheap: a detector's module is imported when it is first made."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from ad_detectors.errors import UnknownDetectorError
from ad_detectors.parameters import ParameterDoc

if TYPE_CHECKING:
    from ad_detectors.base import Detector, FittedDetector, SeriesDetector, StreamingDetector

Kind = Literal["batch", "series", "streaming"]


@dataclass(frozen=True)
class Entry:
    """One detector of the catalogue.

    Attributes
    ----------
    kind : {"batch", "series", "streaming"}
        Fitted once and scoring rows each for itself; fitted once and scoring points in order of time; or
        learning from each record of an entity as it scores it.
    """

    name: str
    kind: Kind
    summary: str
    module: str
    class_name: str

    @property
    def detector_type(self) -> "type[FittedDetector] | type[StreamingDetector]":
        """The class; imported now, if it was not before."""
        found = getattr(importlib.import_module(self.module), self.class_name)
        return cast("type[FittedDetector] | type[StreamingDetector]", found)

    @property
    def parameters(self) -> tuple[ParameterDoc, ...]:
        """Name, type, default, range and meaning of each parameter."""
        return self.detector_type.parameters_type.describe()


def _entry(kind: Kind, room: str, class_name: str, name: str, summary: str) -> Entry:
    return Entry(name, kind, summary, f"ad_detectors.{room}", class_name)


ENTRIES = {
    entry.name: entry
    for entry in (
        _entry(
            "batch",
            "tabular.isolation_forest",
            "IsolationForest",
            "isolation_forest",
            "few random splits isolate an anomaly; the all-round choice for tables",
        ),
        _entry(
            "batch",
            "tabular.zscore",
            "ZScore",
            "zscore",
            "distance from the mean in standard deviations; for bell-shaped features",
        ),
        _entry(
            "batch",
            "tabular.iqr",
            "IQR",
            "iqr",
            "distance from the middle half in interquartile ranges; not misled by outliers in training",
        ),
        _entry(
            "streaming",
            "streaming.adaptive",
            "Adaptive",
            "adaptive",
            "novelty against the entity's own history; needs no training, few and early alerts",
        ),
    )
}


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
