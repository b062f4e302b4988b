"""What the run loop reports to Prometheus: an `Observer` of the event log."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ad_chassis.eventlog.port import Batch, TopicPartition

STEP_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
LABELS = ("service", "topic")


class RunLoopMetrics:
    """Counts by service and topic. Reasons are kinds of errors, never texts, so that labels stay few."""

    def __init__(self, service: str, registry: CollectorRegistry) -> None:
        self._service = service
        self._told: dict[tuple[Gauge, str], set[TopicPartition]] = {}
        self._records = Counter(
            "anomaly_detection_records",
            "Records handled and committed.",
            (*LABELS, "partition"),
            registry=registry,
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
        self._age = Gauge(
            "anomaly_detection_oldest_record_age_seconds",
            "Since the oldest record was stored that is in hand or waits; 0 where none does.",
            (*LABELS, "partition"),
            registry=registry,
        )
        self._steps = Histogram(
            "anomaly_detection_step_seconds",
            "Time per step of a batch; handle and commit are the whole, other steps parts of them.",
            (*LABELS, "step"),
            buckets=STEP_BUCKETS,
            registry=registry,
        )

    def committed(self, batch: Batch, handle_seconds: float, commit_seconds: float) -> None:
        topic = batch.source.topic
        self._records.labels(self._service, topic, str(batch.source.partition)).inc(len(batch.records))
        self._batches.labels(self._service, topic).inc()
        self.step(topic, "handle", handle_seconds)
        self.step(topic, "commit", commit_seconds)

    def retried(self, source: TopicPartition, error: Exception) -> None:
        self._retries.labels(self._service, source.topic, type(error).__name__).inc()

    def fenced(self, source: TopicPartition) -> None:
        self._fenced.labels(self._service, source.topic).inc()

    def poisoned(self, source: TopicPartition, reason: str) -> None:  # noqa: ARG002 - the port's signature
        self._dead_letters.labels(self._service, source.topic).inc()

    def lagged(self, group: str, lag: Mapping[TopicPartition, int]) -> None:
        self._replace(self._lag, group, lag)

    def aged(self, group: str, age_seconds: Mapping[TopicPartition, float]) -> None:
        self._replace(self._age, group, age_seconds)

    def _replace(self, gauge: Gauge, group: str, values: Mapping[TopicPartition, float]) -> None:
        """All of a group: a partition that moved to another member must not keep its last value here."""
        told = self._told.setdefault((gauge, group), set())
        for source in told - values.keys():
            gauge.remove(self._service, source.topic, str(source.partition))
        for source, value in values.items():
            gauge.labels(self._service, source.topic, str(source.partition)).set(value)
        self._told[gauge, group] = set(values)

    def step(self, topic: str, name: str, seconds: float) -> None:
        self._steps.labels(self._service, topic, name).observe(seconds)

    @contextmanager
    def timed(self, topic: str, name: str) -> Iterator[None]:
        """A step that a handler times itself, such as score; one that fails is no step."""
        started = time.perf_counter()
        yield
        self.step(topic, name, time.perf_counter() - started)
