"""Anomalies for tests."""

from typing import Any

from ad_contracts.events import AnomalyDetected


def anomaly(number: int = 0, **changes: Any) -> AnomalyDetected:
    fields: dict[str, Any] = {
        "id": f"00000000-0000-0000-0000-{number:012d}",
        "tenant": "default",
        "stream": "sensors",
        "entity": "s1",
        "record_id": f"b/{number}",
        "event_time_ms": 1_700_000_000_000 + number,
        "detected_time_ms": 1_700_000_000_500,
        "partition": 0,
        "offset": number,
        "row": 0,
        "algorithm": "adaptive",
        "score": 5.0,
        "threshold": 2.0,
        "probability": 0.00001,
        "severity": "high",
        "value": {"load": 9.0},
        "expected": {"load": 1.0},
        "lower": {"load": 0.0},
        "upper": {"load": 2.0},
        "contributions": {"load": 5.0},
        "cold": False,
        "imputed": False,
    }
    return AnomalyDetected(**fields | changes)
