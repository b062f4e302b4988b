"""What a configuration would have told of, counted while the records go by."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ad_contracts.events import AnomalyDetected
from ad_contracts.headers import iso_time
from ad_detection.domain.control import StreamRule
from ad_detection.domain.results import Results
from ad_detection.domain.windows import Hits, Windows
from ad_detectors.calibration.severity import NAMES

MOST_ENTITIES = 10
DAY_MS = 86_400_000
SHORTEST_MS = 3_600_000
"""Alerts a day are not told from less than an hour, nor of records that all came at once."""


class Tally:
    def __init__(self, rule: StreamRule, windows: Windows) -> None:
        self._rule = rule
        self._hits = Hits(windows) if len(windows) else None
        self._scored = 0
        self._rejected = 0
        self._severities: Counter[str] = Counter()
        self._entities: Counter[str | None] = Counter()
        self._first_ms: int | None = None
        self._last_ms: int | None = None

    def add(self, results: Results, anomalies: Sequence[AnomalyDetected]) -> None:
        self._scored += results.rows.total()
        self._rejected += len(results.rejected)
        for anomaly in anomalies:
            self._severities[anomaly.severity] += 1
            self._entities[anomaly.entity] += 1
            time_ms = anomaly.event_time_ms
            self._first_ms = time_ms if self._first_ms is None else min(time_ms, self._first_ms)
            self._last_ms = time_ms if self._last_ms is None else max(time_ms, self._last_ms)
            if self._hits is not None:
                self._hits.add(anomaly.entity, time_ms)

    def summary(self, span_ms: int) -> dict[str, Any]:
        """`span_ms` is how long the records that were scored took to come."""
        alerts = self._severities.total()
        rule = self._rule
        return {
            "model_version": rule.model_version,
            "algorithm": None if rule.model is not None else rule.settings.algorithm,
            "scored": self._scored,
            "rejected": self._rejected,
            "alerts": alerts,
            "alerts_per_day": alerts * DAY_MS / span_ms if span_ms >= SHORTEST_MS else None,
            "by_severity": {name: self._severities[name] for name in reversed(NAMES)},
            "by_entity": [
                {"entity": entity, "alerts": count}
                for entity, count in self._entities.most_common(MOST_ENTITIES)
            ],
            "first_alert_time": None if self._first_ms is None else iso_time(self._first_ms),
            "last_alert_time": None if self._last_ms is None else iso_time(self._last_ms),
            "labels": None if self._hits is None else self._hits.summary(),
        }
