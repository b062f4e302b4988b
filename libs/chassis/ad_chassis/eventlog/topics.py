"""The topics of the contracts in the form in which the log creates them."""

from ad_chassis.eventlog.port import TopicConfig
from ad_contracts.topics import TOPICS, topic


def topic_configs(tenant: str) -> dict[str, TopicConfig]:
    """All topics: those of the tenant, and those that all tenants share."""
    return {
        topic(name, tenant): TopicConfig(spec.partitions, spec.retention_hours, spec.compaction)
        for name, spec in TOPICS.items()
    }
