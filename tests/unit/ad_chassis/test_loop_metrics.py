"""What the run loop reports is counted by service and topic."""

import pytest
from prometheus_client import CollectorRegistry

from ad_chassis.eventlog.port import Batch, Message, TopicPartition
from ad_chassis.loop_metrics import RunLoopMetrics

SOURCE = TopicPartition("records.default", 1)
LABELS = {"service": "detection", "topic": "records.default"}


def observed() -> tuple[RunLoopMetrics, CollectorRegistry]:
    registry = CollectorRegistry()
    return RunLoopMetrics("detection", registry), registry


def test_a_committed_batch_counts_its_records_and_times_its_steps() -> None:
    metrics, registry = observed()
    records = [Message("records.default", b"1"), Message("records.default", b"2")]
    metrics.committed(Batch(SOURCE, records), 0.25, 0.5)
    of_partition = LABELS | {"partition": "1"}
    assert registry.get_sample_value("anomaly_detection_records_total", of_partition) == 2
    assert registry.get_sample_value("anomaly_detection_batches_total", LABELS) == 1
    steps = LABELS | {"step": "commit"}
    assert registry.get_sample_value("anomaly_detection_step_seconds_sum", steps) == 0.5


def test_retries_are_counted_by_the_kind_of_error_and_never_by_its_text() -> None:
    metrics, registry = observed()
    metrics.retried(SOURCE, ConnectionError("one"))
    metrics.retried(SOURCE, ConnectionError("two"))
    labels = LABELS | {"reason": "ConnectionError"}
    assert registry.get_sample_value("anomaly_detection_batch_retries_total", labels) == 2


def test_what_was_fenced_or_set_aside_is_counted() -> None:
    metrics, registry = observed()
    metrics.fenced(SOURCE)
    metrics.poisoned(SOURCE, "no JSON")
    assert registry.get_sample_value("anomaly_detection_batches_fenced_total", LABELS) == 1
    assert registry.get_sample_value("anomaly_detection_dead_letters_total", LABELS) == 1


def test_the_lag_of_a_partition_that_moved_away_disappears() -> None:
    metrics, registry = observed()
    metrics.lagged("detection", {SOURCE: 5})
    metrics.lagged("detection", {TopicPartition("records.default", 2): 7})
    assert registry.get_sample_value("anomaly_detection_lag_records", LABELS | {"partition": "1"}) is None
    assert registry.get_sample_value("anomaly_detection_lag_records", LABELS | {"partition": "2"}) == 7


def test_what_one_group_tells_leaves_that_of_another_of_the_service() -> None:
    metrics, registry = observed()
    metrics.lagged("detection", {SOURCE: 5})
    metrics.lagged("detection-store", {TopicPartition("anomalies.default", 0): 7})
    assert registry.get_sample_value("anomaly_detection_lag_records", LABELS | {"partition": "1"}) == 5


def test_the_age_of_the_oldest_record_is_told_by_partition() -> None:
    metrics, registry = observed()
    metrics.aged("detection", {SOURCE: 1.5})
    name = "anomaly_detection_oldest_record_age_seconds"
    assert registry.get_sample_value(name, LABELS | {"partition": "1"}) == 1.5


def test_a_step_that_fails_is_not_counted() -> None:
    metrics, registry = observed()
    with pytest.raises(ZeroDivisionError), metrics.timed("records.default", "score"):
        1 / 0  # noqa: B018 - it shall fail
    with metrics.timed("records.default", "score"):
        pass
    steps = LABELS | {"step": "score"}
    assert registry.get_sample_value("anomaly_detection_step_seconds_count", steps) == 1
