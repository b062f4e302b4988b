import re

import msgspec
import pytest

from ad_contracts.errors import UnknownTopicError
from ad_contracts.events import EVENTS
from ad_contracts.topics import TOPICS, load, topic, topics_of


def test_a_topic_of_a_tenant_carries_the_tenant() -> None:
    assert topic("anomalies", "default") == "anomalies.default"
    assert topic("records", "acme") == "records.acme"


def test_a_common_topic_has_one_name() -> None:
    assert topic("deployments") == topic("deployments", "acme") == "deployments"


@pytest.mark.parametrize(
    ("name", "tenant", "said"),
    [
        ("anomaly", "default", "choose from: records, rejected"),
        ("anomalies", None, "name the tenant"),
        ("anomalies", "a.b", "cannot stand"),
        ("anomalies", "", "cannot stand"),
        ("anomalies", "Acme", "cannot stand"),
    ],
)
def test_a_wrong_name_is_refused_with_what_would_be_right(name: str, tenant: str | None, said: str) -> None:
    with pytest.raises(UnknownTopicError, match=said):
        topic(name, tenant)


def test_every_event_has_a_topic_and_every_topic_names_known_events() -> None:
    assert all(topics_of(event) for event in EVENTS)
    assert {event for spec in TOPICS.values() for event in spec.schema} == EVENTS.keys()


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_is_described_fully(name: str) -> None:
    spec = TOPICS[name]
    assert re.fullmatch(r"[a-z.]+(\.\{tenant\})?", spec.name)
    assert spec.partitions >= 1
    assert spec.producers
    assert spec.consumers
    assert spec.formats
    assert spec.compaction == (spec.retention_hours is None)
    assert spec.per_tenant == spec.name.endswith(".{tenant}")


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="retention"):
        load("x: {name: x, retention: 5}")
