"""Metrics of the entities whose state is kept, and of records by how they meet it."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class EntityMetrics:
    """By tenant and stream, which is called dataset as elsewhere."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.held = Gauge(
            "anomaly_detection_entities",
            "Entities known to the streaming detector; dataset is the stream.",
            ("dataset", "tenant", "partition"),
            registry=registry,
        )
        self.evicted = Counter(
            "anomaly_detection_entities_evicted",
            "Entities forgotten to make room for new ones; dataset is the stream.",
            ("dataset", "tenant"),
            registry=registry,
        )
        self.refused = Counter(
            "anomaly_detection_records_refused",
            "Records of new entities that a stream near its limit did not take in; dataset is the stream.",
            ("dataset", "tenant"),
            registry=registry,
        )
        self.cold = Counter(
            "anomaly_detection_records_cold",
            "Records scored while their entity was not known well enough; dataset is the stream.",
            ("dataset", "tenant"),
            registry=registry,
        )
        self.resident_bytes = Gauge(
            "anomaly_detection_state_resident_bytes",
            "Memory of the tables of entities of this worker.",
            registry=registry,
        )
        self.spilled_bytes = Gauge(
            "anomaly_detection_state_spilled_bytes",
            "What lies in files of what is known of entities, where memory is limited.",
            registry=registry,
        )
        self.spilled = Counter(
            "anomaly_detection_entities_spilled",
            "Entities whose state was given back to files.",
            registry=registry,
        )
        self.returned = Counter(
            "anomaly_detection_entities_returned",
            "Entities whose state came back from files.",
            registry=registry,
        )
        self.late = Counter(
            "anomaly_detection_records_late",
            "Records older than one before them; outcome is scored or rejected, dataset is the stream.",
            ("dataset", "tenant", "outcome"),
            registry=registry,
        )
