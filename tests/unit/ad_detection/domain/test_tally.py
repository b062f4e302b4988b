"""What is counted of one configuration."""

from collections import Counter

from ad_detection.domain.replays import Window
from ad_detection.domain.results import Results
from ad_detection.domain.tally import DAY_MS, Tally
from ad_detection.domain.windows import Windows
from tests.support.anomalies import anomaly
from tests.support.records import sensor_rule


def test_alerts_are_counted_by_day_severity_and_entity_with_the_first_and_the_last() -> None:
    tally = Tally(sensor_rule(model="pumps", version=3), Windows([]))
    results = Results(rows=Counter({("zscore", "sensors"): 100}))
    found = [
        anomaly(entity=entity, severity=severity, event_time_ms=moment)
        for entity, severity, moment in [("a", "low", 5_000), ("b", "high", 1_000), ("a", "high", 3_000)]
    ]
    tally.add(results, found)
    told = tally.summary(DAY_MS // 2)
    assert (told["model_version"], told["scored"], told["alerts"], told["alerts_per_day"]) == (
        "pumps@3",
        100,
        3,
        6,
    )
    assert told["by_severity"] == {"critical": 0, "high": 2, "medium": 0, "low": 1}
    assert told["by_entity"] == [{"entity": "a", "alerts": 2}, {"entity": "b", "alerts": 1}]
    assert (told["first_alert_time"], told["last_alert_time"]) == (
        "1970-01-01T00:00:01.000Z",
        "1970-01-01T00:00:05.000Z",
    )
    assert told["labels"] is None


def test_a_range_shorter_than_an_hour_tells_no_alerts_a_day_and_labels_are_judged() -> None:
    tally = Tally(sensor_rule(), Windows([Window(start_ms=0, end_ms=10)]))
    tally.add(Results(), [anomaly(event_time_ms=4)])
    told = tally.summary(DAY_MS // 24 - 1)
    assert (told["algorithm"], told["alerts_per_day"], told["labels"]["recall"]) == ("adaptive", None, 1.0)
