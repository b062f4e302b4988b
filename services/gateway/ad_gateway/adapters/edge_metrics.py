"""Metrics of what the gateway refuses, and of the services behind it."""

from collections.abc import Mapping
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge

from ad_gateway.domain.breaker import Breaker
from ad_gateway.domain.capacity import Capacity


class EdgeMetrics:
    """Labels are names of ours alone: nobody outside can make more of them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._refused = Counter(
            "anomaly_detection_limit_refusals",
            "Requests and connections that a limit of the gateway refused: address, caller, tenant or turns.",
            ("limit",),
            registry=registry,
        )
        self._not_asked = Counter(
            "anomaly_detection_circuit_refusals",
            "Requests that were refused because the circuit of their service is open.",
            ("service",),
            registry=registry,
        )

    def refused(self, limit: str) -> None:
        self._refused.labels(limit).inc()

    def not_asked(self, service: str) -> None:
        self._not_asked.labels(service).inc()

    def watch(self, breakers: Mapping[str, Breaker], capacities: Mapping[str, Capacity]) -> None:
        """Looked at when somebody asks for them."""
        circuit = Gauge(
            "anomaly_detection_circuit_open",
            "1 while the circuit of a service is open, also while one call tries it; else 0.",
            ("service",),
            registry=self._registry,
        )
        capacity = Gauge(
            "anomaly_detection_service_capacity",
            "Light requests that a service answers at once without delay, as this gateway has learnt.",
            ("service",),
            registry=self._registry,
        )
        for service, breaker in breakers.items():
            circuit.labels(service).set_function(partial(_is_open, breaker))
            self._not_asked.labels(service)
        for service, learnt in capacities.items():
            capacity.labels(service).set_function(partial(_limit, learnt))


def _is_open(breaker: Breaker) -> float:
    return float(breaker.open)


def _limit(learnt: Capacity) -> float:
    return learnt.limit
