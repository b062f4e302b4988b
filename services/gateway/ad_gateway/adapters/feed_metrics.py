"""Metrics of the live feed."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from ad_chassis.metrics import OTHERS

MOST_TENANTS = 1_000


class FeedMetrics:
    """By tenant for the first thousand, so that /metrics stays small."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._tenants: set[str] = set()
        self._clients = Gauge(
            "anomaly_detection_feed_clients",
            "Clients of the live feed that are connected.",
            ("tenant",),
            registry=registry,
        )
        self._sent = Counter(
            "anomaly_detection_feed_messages",
            "Messages sent to clients of the live feed.",
            ("tenant",),
            registry=registry,
        )
        self._gaps = Counter(
            "anomaly_detection_feed_gaps",
            "Times that a client was too slow and went back to history.",
            ("tenant",),
            registry=registry,
        )
        self._resumed = Counter(
            "anomaly_detection_feed_resumed",
            "Clients that came with a cursor.",
            ("tenant",),
            registry=registry,
        )
        self._closed = Counter(
            "anomaly_detection_feed_closed",
            "Clients that were closed or turned away, by code.",
            ("code",),
            registry=registry,
        )

    def connected(self, tenant: str, change: int) -> None:
        self._clients.labels(self._label(tenant)).inc(change)

    def sent(self, tenant: str) -> None:
        self._sent.labels(self._label(tenant)).inc()

    def gap(self, tenant: str) -> None:
        self._gaps.labels(self._label(tenant)).inc()

    def resumed(self, tenant: str) -> None:
        self._resumed.labels(self._label(tenant)).inc()

    def closed(self, code: int) -> None:
        self._closed.labels(str(code)).inc()

    def _label(self, tenant: str) -> str:
        if len(self._tenants) < MOST_TENANTS:
            self._tenants.add(tenant)
        return tenant if tenant in self._tenants else OTHERS
