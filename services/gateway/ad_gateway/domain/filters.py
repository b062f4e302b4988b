"""Which anomalies a client of the live feed wants."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

SEVERITIES = ("low", "medium", "high", "critical")
KINDS = ("record", "silence")
NO_VALUES: frozenset[str] = frozenset()
FROM = {severity: frozenset(SEVERITIES[place:]) for place, severity in enumerate(SEVERITIES)}
"""Those that are at least so severe. Shared, as `NO_VALUES` is: each set of its own is 216 bytes of every client."""
MOST_VALUES = 100
LONGEST_VALUE = 1_000


class FilterError(ValueError):
    """A filter that no anomaly could be held against; the message says what would be right."""


class Marked(Protocol):
    """What of an anomaly a filter looks at."""

    @property
    def stream(self) -> str: ...
    @property
    def entity(self) -> str | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def severity(self) -> str: ...


@dataclass(frozen=True, slots=True)
class AnomalyFilter:
    """Empty sets let everything through."""

    streams: frozenset[str] = NO_VALUES
    entities: frozenset[str] = NO_VALUES
    models: frozenset[str] = NO_VALUES
    severities: frozenset[str] = FROM[SEVERITIES[0]]
    kinds: frozenset[str] = NO_VALUES
    allowed: frozenset[str] | None = None
    """The streams that the client may see, whatever it asks for; None are all."""

    @classmethod
    def of(
        cls,
        streams: Iterable[str] = (),
        entities: Iterable[str] = (),
        models: Iterable[str] = (),
        severity: str | None = None,
        kinds: Iterable[str] = (),
    ) -> "AnomalyFilter":
        """`severity` is the lowest that is let through."""
        severity = severity or SEVERITIES[0]
        if severity not in SEVERITIES:
            raise FilterError(f"severity is {severity[:50]!r}; it must be one of {', '.join(SEVERITIES)}")
        wanted = _values("kind", kinds)
        if unknown := sorted(wanted - set(KINDS)):
            raise FilterError(f"kind is {unknown[0][:50]!r}; it must be one of {', '.join(KINDS)}")
        return cls(
            _values("stream", streams),
            _values("entity", entities),
            _values("model", models),
            FROM[severity],
            wanted,
        )

    def within(self, streams: frozenset[str] | None) -> "AnomalyFilter":
        """The same wishes of a client that may see these streams only."""
        return self if streams == self.allowed else replace(self, allowed=streams)

    def matches(self, anomaly: Marked) -> bool:
        return (
            anomaly.severity in self.severities
            and (not self.streams or anomaly.stream in self.streams)
            and (not self.entities or anomaly.entity in self.entities)
            and (not self.models or anomaly.model in self.models)
            and (not self.kinds or anomaly.kind in self.kinds)
            and (self.allowed is None or anomaly.stream in self.allowed)
        )


def _values(name: str, given: Iterable[str]) -> frozenset[str]:
    """Every anomaly is held against every filter, so these stay small."""
    found = frozenset(given) or NO_VALUES
    if len(found) > MOST_VALUES:
        raise FilterError(f"{len(found)} values of {name} are too many; {MOST_VALUES} are the limit")
    if any(len(value) > LONGEST_VALUE for value in found):
        raise FilterError(f"a value of {name} is longer than {LONGEST_VALUE} characters")
    return found
