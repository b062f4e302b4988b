"""What is kept of an episode: when it began, how bad it became, and when it was seen last."""

from collections.abc import Iterable
from typing import NamedTuple

from ad_contracts.events import AnomalyDetected, AnomalyKind, Severity


class EpisodeSummary(NamedTuple):
    """One episode, or as much of it as some anomalies tell. Times are milliseconds since the epoch."""

    id: str
    tenant: str
    stream: str
    entity: str | None
    kind: AnomalyKind
    start_ms: int
    end_ms: int
    """Event time of the last anomaly so far."""
    anomalies: int
    peak_id: str
    """The least probable anomaly, and of equally probable ones that of the highest score."""
    peak_time_ms: int
    peak_score: float
    peak_probability: float
    severity: Severity
    """Of the peak."""
    superseded: int = 0
    """Of its anomalies, those that a correction superseded."""
    generation: int = 1
    """Which stream of its name."""


def summarised(anomalies: Iterable[AnomalyDetected]) -> list[EpisodeSummary]:
    """The episodes of some anomalies; one from before there were episodes is one of its own."""
    found: dict[str, EpisodeSummary] = {}
    for anomaly in anomalies:
        own = _of(anomaly)
        known = found.get(own.id)
        found[own.id] = own if known is None else _joined(known, own)
    return list(found.values())


def _of(anomaly: AnomalyDetected) -> EpisodeSummary:
    begun = anomaly.episode_start_time_ms
    return EpisodeSummary(
        id=anomaly.episode_id or anomaly.id,
        tenant=anomaly.tenant,
        stream=anomaly.stream,
        entity=anomaly.entity,
        kind=anomaly.kind,
        start_ms=anomaly.event_time_ms if begun is None else begun,
        end_ms=anomaly.event_time_ms,
        anomalies=1,
        peak_id=anomaly.id,
        peak_time_ms=anomaly.event_time_ms,
        peak_score=anomaly.score,
        peak_probability=anomaly.probability,
        severity=anomaly.severity,
        generation=anomaly.generation,
    )


def _joined(one: EpisodeSummary, other: EpisodeSummary) -> EpisodeSummary:
    peak = min(one, other, key=lambda each: (each.peak_probability, -each.peak_score))
    return peak._replace(
        start_ms=min(one.start_ms, other.start_ms),
        end_ms=max(one.end_ms, other.end_ms),
        anomalies=one.anomalies + other.anomalies,
    )
