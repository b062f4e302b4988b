"""Which anomalies a client of the live feed wants."""

from collections.abc import Iterable
from dataclasses import dataclass

from ad_contracts.events import AnomalyDetected

SEVERITIES = ("low", "medium", "high", "critical")
KINDS = ("record", "silence")


class FilterError(ValueError):
    """A filter that no anomaly could be held against; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class AnomalyFilter:
    """Empty sets let everything through."""

    streams: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    severity: str = "low"
    """The lowest severity that is let through."""
    kinds: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        streams: Iterable[str] = (),
        entities: Iterable[str] = (),
        models: Iterable[str] = (),
        severity: str | None = None,
        kinds: Iterable[str] = (),
    ) -> "AnomalyFilter":
        severity = severity or "low"
        if severity not in SEVERITIES:
            raise FilterError(f"severity is {severity!r}; it must be one of {', '.join(SEVERITIES)}")
        wanted = frozenset(kinds)
        if unknown := sorted(wanted - set(KINDS)):
            raise FilterError(f"kind is {unknown[0]!r}; it must be one of {', '.join(KINDS)}")
        return cls(frozenset(streams), frozenset(entities), frozenset(models), severity, wanted)

    def matches(self, anomaly: AnomalyDetected) -> bool:
        return (
            (not self.streams or anomaly.stream in self.streams)
            and (not self.entities or anomaly.entity in self.entities)
            and (not self.models or anomaly.model in self.models)
            and (not self.kinds or anomaly.kind in self.kinds)
            and SEVERITIES.index(anomaly.severity) >= SEVERITIES.index(self.severity)
        )
