"""What the run loop reports to Prometheus: an `Observer` of the event log."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ad_chassis.eventlog.port import Batch, TopicPartition

STEP_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
LABELS = ("service", "topic")


class RunLoopMetrics:
    """Counts by service and topic. Reasons are kinds of errors, never texts, so that labels stay few."""

    def __init__(self, service: str, registry: CollectorRegistry) -> None:
        self._service = service
        self._records = Counter(
            "anomaly_detection_records", "Records handled and committed.", LABELS, registry=registry
        )
        self._batches = Counter(
            "anomaly_detection_batches", "Batches handled and committed.", LABELS, registry=registry
        )
        self._retries = Counter(
            "anomaly_detection_batch_retries", "Batches tried again.", (*LABELS, "reason"), registry=registry
        )
        self._fenced = Counter(
            "anomaly_detection_batches_fenced", "Batches that another member did.", LABELS, registry=registry
        )
        self._dead_letters = Counter(
            "anomaly_detection_dead_letters", "Records set aside as unusable.", LABELS, registry=registry
        )
        self._lag = Gauge(
            "anomaly_detection_lag_records",
            "Records stored and not yet handled.",
            (*LABELS, "partition"),
            registry=registry,
        )
        self._steps = Histogram(
            "anomaly_detection_step_seconds",
            "Time per step of a batch.",
            (*LABELS, "step"),
            buckets=STEP_BUCKETS,
            registry=registry,
        )

    def committed(self, batch: Batch, handle_seconds: float, commit_seconds: float) -> None:
        topic = batch.source.topic
        self._records.labels(self._service, topic).inc(len(batch.records))
        self._batches.labels(self._service, topic).inc()
        self.step(topic, "handle", handle_seconds)
        self.step(topic, "commit", commit_seconds)

    def retried(self, source: TopicPartition, error: Exception) -> None:
        self._retries.labels(self._service, source.topic, type(error).__name__).inc()

    def fenced(self, source: TopicPartition) -> None:
        self._fenced.labels(self._service, source.topic).inc()

    def poisoned(self, source: TopicPartition, reason: str) -> None:  # noqa: ARG002 - the port's signature
        self._dead_letters.labels(self._service, source.topic).inc()

    def lagged(self, lag: Mapping[TopicPartition, int]) -> None:
        """Replaces all: a partition that moved to another member must not keep its last value here."""
        self._lag.clear()
        for source, records in lag.items():
            self._lag.labels(self._service, source.topic, str(source.partition)).set(records)

    def step(self, topic: str, name: str, seconds: float) -> None:
        """A step that a handler times itself, such as decode or score."""
        self._steps.labels(self._service, topic, name).observe(seconds)
