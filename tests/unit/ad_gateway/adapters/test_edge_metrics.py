"""What is told of refusals and of the services behind."""

from prometheus_client import CollectorRegistry

from ad_gateway.adapters.edge_metrics import EdgeMetrics
from ad_gateway.domain.breaker import FAILURES, Breaker
from ad_gateway.domain.capacity import FEW, Capacity

DETECTION = {"service": "detection"}


def test_refusals_are_counted_by_limit_and_by_service() -> None:
    registry = CollectorRegistry()
    metrics = EdgeMetrics(registry)
    for limit in ("caller", "caller", "address"):
        metrics.refused(limit)
    metrics.not_asked("detection")
    name = "anomaly_detection_limit_refusals_total"
    assert registry.get_sample_value(name, {"limit": "caller"}) == 2
    assert registry.get_sample_value(name, {"limit": "address"}) == 1
    assert registry.get_sample_value("anomaly_detection_circuit_refusals_total", DETECTION) == 1


def test_circuits_and_capacities_are_those_of_the_moment() -> None:
    registry = CollectorRegistry()
    breakers = {"auth": Breaker(), "detection": Breaker()}
    EdgeMetrics(registry).watch(breakers, {"detection": Capacity()})
    assert registry.get_sample_value("anomaly_detection_circuit_open", DETECTION) == 0
    assert registry.get_sample_value("anomaly_detection_circuit_refusals_total", DETECTION) == 0
    for _ in range(FAILURES):
        breakers["detection"].failed()
    assert registry.get_sample_value("anomaly_detection_circuit_open", DETECTION) == 1
    assert registry.get_sample_value("anomaly_detection_circuit_open", {"service": "auth"}) == 0
    assert registry.get_sample_value("anomaly_detection_service_capacity", DETECTION) == FEW
