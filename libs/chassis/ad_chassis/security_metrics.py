"""What happens to the security of this process, in numbers: one registry for all its services."""

from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter

SecurityEvent = Literal[
    "api key refused",
    "authorization code refused",
    "device codes guessed",
    "escalation refused",
    "external login refused",
    "forbidden",
    "login failed",
    "login locked",
    "malformed request",
    "origin refused",
    "refresh token refused",
    "refresh token used in parallel",
    "second factor changed",
    "second factor refused",
    "tenant suspended",
    "ticket refused",
    "token refused",
]
"""A closed list, so that /metrics stays small whatever callers send."""
KNOWN: frozenset[str] = frozenset(get_args(SecurityEvent))
OTHER = "(other)"
REGISTRY = CollectorRegistry()
_events = Counter(
    "anomaly_detection_security_events",
    "Events that an operator watches, such as refused tokens and failed logins.",
    ("event",),
    registry=REGISTRY,
)
_lost = Counter(
    "anomaly_detection_audit_entries_lost",
    "Entries of the audit log that could not be published.",
    registry=REGISTRY,
)


def count_event(event: str) -> None:
    _events.labels(event if event in KNOWN else OTHER).inc()


def count_lost(entries: int) -> None:
    _lost.inc(entries)
