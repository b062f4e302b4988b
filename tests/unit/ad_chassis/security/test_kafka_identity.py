"""Who a caller is at Kafka."""

import pytest

from ad_chassis.security.kafka_identity import kafka_name
from ad_chassis.security.permissions import expanded
from ad_chassis.security.principal import Principal, to_claims


@pytest.mark.parametrize(
    ("permissions", "name"),
    [
        (["read", "write"], "acme.client"),
        (["records:write", "anomalies:read", "scores:read"], "acme.client"),
        (["write"], "acme.producer"),
        (["records:write", "anomalies:read"], "acme.producer"),
        (["read"], "acme.consumer"),
        (["anomalies:read"], None),
        (["admin"], None),
        ([], None),
    ],
)
def test_it_is_the_tenant_and_what_one_may_do_there(permissions, name) -> None:
    caller = Principal("0f", "acme", expanded(permissions), "api_key", "t")
    assert kafka_name(caller) == name
    claims = to_claims(caller, issuer="i", audience="a", issued_at=0, lifetime_seconds=900)
    assert claims.get("kafka") == name


def test_who_is_bound_to_streams_is_nobody_there() -> None:
    bound = Principal("0f", "acme", expanded(["read", "write"]), "api_key", "t", streams=frozenset({"pumps"}))
    assert kafka_name(bound) is None


def test_the_services_have_a_name_that_no_tenant_has() -> None:
    assert kafka_name(Principal("service", "default", expanded(["read"]), "service", "t")) == "services"
