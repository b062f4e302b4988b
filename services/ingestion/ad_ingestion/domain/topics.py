"""Which topic may carry the records of a stream."""

from collections.abc import Collection

from ad_contracts.topics import TOPICS, topic
from ad_ingestion.domain.streams import InvalidStream

RESERVED = {name.partition(".")[0] for name in TOPICS}


def own_topic(tenant: str, stream: str) -> str:
    """The topic that a big stream may have for itself."""
    return f"{topic('records', tenant)}.{stream}"


def checked_topic(
    name: str, *, tenant: str, stream: str, existing: Collection[str], owners: Collection[str]
) -> str:
    """The topic, if it is the tenant's to use. `owners` are the tenants whose streams it carries already."""
    shared, own = topic("records", tenant), own_topic(tenant, stream)
    if name in {shared, own}:
        return name
    if name.partition(".")[0] in RESERVED and not name.startswith(f"{shared}."):
        raise InvalidStream(
            f"topic: {name!r} belongs to the platform; leave it out to use {shared}, "
            f"name {own} for a topic of the stream's own, or name a topic of another producer"
        )
    if name not in existing:
        raise InvalidStream(f"topic: there is no topic {name!r}; create it first, or leave it out")
    if any(owner != tenant for owner in owners):
        raise InvalidStream(f"topic: {name!r} carries streams of another tenant")
    return name
