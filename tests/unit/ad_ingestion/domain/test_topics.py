"""Which topics a stream may use."""

import pytest

from ad_ingestion.domain.streams import InvalidStream
from ad_ingestion.domain.topics import checked_topic

EXISTING = {"records.default", "plant.signals", "deployments", "records.acme"}


def check(name: str, owners: set[str] | None = None) -> str:
    return checked_topic(name, tenant="default", stream="sensors", existing=EXISTING, owners=owners or set())


@pytest.mark.parametrize("name", ["records.default", "records.default.sensors", "plant.signals"])
def test_the_shared_topic_an_own_one_and_one_of_another_producer_are_taken(name) -> None:
    assert check(name, {"default"}) == name


@pytest.mark.parametrize("name", ["records.acme", "anomalies.default", "deployments", "training.requests"])
def test_topics_of_the_platform_and_of_other_tenants_are_refused(name) -> None:
    with pytest.raises(InvalidStream, match="belongs to the platform"):
        check(name)


def test_a_topic_must_exist_and_carry_one_tenant_only() -> None:
    with pytest.raises(InvalidStream, match="there is no topic 'nowhere'"):
        check("nowhere")
    with pytest.raises(InvalidStream, match="another tenant"):
        check("plant.signals", {"acme"})
