"""Who a caller is at Kafka: a name for all of a tenant who may do the same there, so that few rules are enough."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ad_chassis.security.principal import Principal

CLAIM = "kafka"
SERVICES = "services"
PRODUCERS, CONSUMERS, CLIENTS = "producer", "consumer", "client"
"""May send records of a tenant; may read its anomalies and scores; may do both."""


def kafka_name(principal: "Principal") -> str | None:
    """None for who has no business there.

    So it is with who is bound to streams: those of a tenant share topics, which Kafka gives whole or not at all.
    """
    if principal.kind == "service":
        return SERVICES
    if principal.streams is not None:
        return None
    sends = "records:write" in principal.permissions
    reads = {"anomalies:read", "scores:read"} <= principal.permissions
    role = CLIENTS if sends and reads else PRODUCERS if sends else CONSUMERS if reads else None
    # No name of a tenant has a dot.
    return f"{principal.tenant}.{role}" if role else None
