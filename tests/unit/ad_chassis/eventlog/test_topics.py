"""Topics as the contracts promise them."""

from ad_chassis.eventlog.port import TopicConfig
from ad_chassis.eventlog.topics import topic_configs


def test_topics_of_a_tenant_and_shared_ones_have_what_the_contracts_say() -> None:
    found = topic_configs("acme")
    assert found["records.acme"] == TopicConfig(6, 168, compacted=False)
    assert found["deployments"].compacted
    assert all("{" not in name for name in found)
