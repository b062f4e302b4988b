"""What a drift detector says, in numbers and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One feature that changed.

    Attributes
    ----------
    feature : str
    row : int
        The row at which it was found, counted from 0 over everything that the detector has seen; for a window
        that is compared with a reference its last row.
    since_row : int
        The first row of the new regime, as well as the detector can tell; not after `row`.
    time_ms : int or None
        Event time of `row`; None where a window was compared.
    statistic, threshold : float
        How different the feature is, and from where on that is a drift; in the unit of the detector.
    probability : float
        The probability, or a bound on it, of at least this statistic without a drift.
    before, after : float
        The mean of the values present in the old and in the new regime; NaN without any.
    missing_before, missing_after : float
        The share of missing values; 0 from detectors that skip them.
    """

    feature: str
    row: int
    since_row: int
    time_ms: int | None
    statistic: float
    threshold: float
    probability: float
    before: float
    after: float
    missing_before: float = 0.0
    missing_after: float = 0.0

    def describe(self, detector: str) -> str:
        """One sentence: `feature 'load': mean went from 1.2 to 3.4 (ADWIN, p ≤ 0.002) at row 1200`."""
        change = f"mean went from {self.before:.4g} to {self.after:.4g}"
        if abs(self.missing_after - self.missing_before) >= 0.01:
            change += f", missing values from {self.missing_before:.0%} to {self.missing_after:.0%}"
        return (
            f"feature {self.feature!r}: {change} ({detector}, p ≤ {_rounded_up(self.probability)}) "
            f"at row {self.since_row}"
        )


@dataclass(frozen=True, kw_only=True)
class DriftReport:
    """The drifts found in one call, in the order of rows and then of features.

    Attributes
    ----------
    detector : str
        As it is called in sentences: ADWIN, Page-Hinkley.
    features : tuple of str
        All features that were looked at.
    findings : tuple of Drift
    statistics : mapping of str to float
        The statistic of every feature, drifted or not, where a window was compared.
    """

    detector: str
    features: tuple[str, ...]
    findings: tuple[Drift, ...]
    statistics: Mapping[str, float] = field(default_factory=dict)

    @property
    def drifted(self) -> tuple[str, ...]:
        """The names of the features that drifted, in the order of the features."""
        found = {drift.feature for drift in self.findings}
        return tuple(name for name in self.features if name in found)

    def describe(self) -> str:
        """One line per finding, or that there is none."""
        if not self.findings:
            return f"no drift in {_listed(self.features)} ({self.detector})"
        return "\n".join(drift.describe(self.detector) for drift in self.findings)


def _rounded_up(probability: float) -> str:
    """Two digits, never less than the number itself: what is said with ≤ must hold."""
    for text in (f"{probability:.1g}", f"{probability:.2g}", f"{probability * 1.01:.2g}"):
        if float(text) >= probability:
            return text
    return f"{probability * 1.1:.2g}"


def _listed(features: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in features[:5])
    more = f" and {len(features) - 5} more" if len(features) > 5 else ""
    return f"{'feature' if len(features) == 1 else 'features'} {shown}{more}"
