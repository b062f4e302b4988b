"""Security events are counted by a closed list of names."""

from ad_chassis.metrics import render
from ad_chassis.security_metrics import OTHER, REGISTRY, count_event, count_lost


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_events_are_counted_by_name_and_names_that_nobody_knows_together() -> None:
    name = "anomaly_detection_security_events_total"
    known, other = value(name, event="login failed"), value(name, event=OTHER)
    count_event("login failed")
    count_event("made up 1")
    count_event("made up 2")
    assert value(name, event="login failed") == known + 1
    assert value(name, event=OTHER) == other + 2
    assert b"made up" not in render([REGISTRY])


def test_lost_entries_of_the_audit_log_are_counted() -> None:
    before = value("anomaly_detection_audit_entries_lost_total")
    count_lost(3)
    assert value("anomaly_detection_audit_entries_lost_total") == before + 3
