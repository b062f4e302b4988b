"""Prometheus metrics under the promised names, one registry per service."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ad_chassis.entity_metrics import EntityMetrics
from ad_chassis.loop_metrics import RunLoopMetrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
MOST_DATASETS = 1_000
OTHERS = "(others)"


class Metrics:
    """The metrics of one service. Where several share a process, only the one at the edge counts requests."""

    def __init__(self, service: str, *, counts_requests: bool = True) -> None:
        self.service = service
        self.registry = CollectorRegistry()
        self.counts_requests = counts_requests
        self._datasets: set[tuple[str, str]] = set()
        self._requests: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        registry = self.registry
        self.requests = Counter(
            "anomaly_detection_requests",
            "Requests answered.",
            ("method", "endpoint", "status"),
            registry=registry,
        )
        self.request_duration = Histogram(
            "anomaly_detection_request_duration_seconds",
            "Time from request to answer.",
            ("method", "endpoint"),
            buckets=REQUEST_BUCKETS,
            registry=registry,
        )
        self.anomalies = Counter(
            "anomaly_detection_anomalies_detected",
            "Anomalies found; dataset is the stream.",
            ("algorithm", "dataset", "tenant"),
            registry=registry,
        )
        self.scored = Counter(
            "anomaly_detection_records_scored",
            "Records scored; dataset is the stream.",
            ("algorithm", "dataset", "tenant"),
            registry=registry,
        )
        self.rejected = Counter(
            "anomaly_detection_records_rejected",
            "Records that do not fit their stream; dataset is the stream.",
            ("service", "dataset", "tenant"),
            registry=registry,
        )
        self.challenger_failures = Counter(
            "anomaly_detection_challenger_failures",
            "Batches that a challenger could not score; dataset is the stream.",
            ("dataset", "tenant", "model"),
            registry=registry,
        )
        self.model_accuracy = Gauge(
            "anomaly_detection_model_accuracy",
            "Accuracy of a model where labels are known.",
            ("model_id", "algorithm"),
            registry=registry,
        )
        self.entities = EntityMetrics(registry)
        self.loop = RunLoopMetrics(service, registry)

    def dataset(self, tenant: str, stream: str) -> tuple[str, str]:
        """Labels: stream and tenant; beyond the first thousand all have the same, so that /metrics stays small."""
        key = (tenant, stream)
        if len(self._datasets) < MOST_DATASETS:
            self._datasets.add(key)
        return (stream, tenant) if key in self._datasets else (OTHERS, OTHERS)

    def request(self, method: str, endpoint: str, status: int, seconds: float) -> None:
        if not self.counts_requests:
            return
        # By what was asked for before: the look-up of labels costs more than the counting.
        key = (_known_method(method), endpoint, status)
        found = self._requests.get(key)
        if found is None:
            found = self._requests[key] = (
                self.requests.labels(key[0], endpoint, str(status)),
                self.request_duration.labels(key[0], endpoint),
            )
        count, duration = found
        count.inc()
        duration.observe(seconds)


class _Joined(Collector):
    """Several registries as one, with each family once."""

    def __init__(self, registries: Iterable[CollectorRegistry]) -> None:
        self._registries = list(registries)

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for registry in self._registries:
            for family in registry.collect():
                known = families.setdefault(family.name, family)
                if known is not family:
                    known.samples.extend(family.samples)
        return iter(families.values())


def render(registries: Iterable[CollectorRegistry]) -> bytes:
    """The text that Prometheus reads."""
    joined = CollectorRegistry()
    joined.register(_Joined(registries))
    return generate_latest(joined)


def _known_method(method: str) -> str:
    """A client may send any word as its method; labels must stay few."""
    return method if method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} else "OTHER"
