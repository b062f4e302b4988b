"""What the programs of a tenant may do with its topics."""

from types import SimpleNamespace

import pytest

from ad_chassis.eventlog.errors import Transient
from ad_chassis.eventlog.kafka_grants import Grant, grant, grants_of
from ad_chassis.eventlog.topics import topic_configs


def test_records_are_sent_and_anomalies_and_scores_are_read() -> None:
    found = {(each.name, each.principal, each.operation) for each in grants_of(topic_configs("acme"))}
    assert found == {
        *(("records.acme", f"User:acme.{role}", 4) for role in ("producer", "client")),
        *(("acme.", f"User:acme.{role}", 4) for role in ("producer", "client")),
        *((f"{kind}.acme", f"User:acme.{role}", 3) for kind in ("anomalies", "scores") for role in READERS),
        *(("acme.", f"User:acme.{role}", 3) for role in READERS),
    }


READERS = ("consumer", "client")


def test_topics_are_named_whole_and_only_groups_and_transactions_by_a_prefix_that_ends_in_a_dot() -> None:
    for each in grants_of(["records.acme", "records.acme.pumps", "anomalies.acme"]):
        assert (each.resource == 2) == (each.pattern == 3)
        assert each.pattern == 3 or each.name == "acme."


@pytest.mark.parametrize("topic", ["audit", "deployments", "rejected.acme", "records", "recordsx.acme"])
def test_other_topics_are_for_the_services_alone(topic) -> None:
    assert grants_of([topic]) == []


class Client:
    def __init__(self, code: int) -> None:
        self.code = code
        self.asked = 0

    def get_random_node(self) -> int:
        return 1

    async def ready(self, _node: int) -> bool:
        return True

    async def send(self, _node: int, _request) -> SimpleNamespace:
        self.asked += 1
        return SimpleNamespace(creation_responses=[(self.code, "why")])


TWO = [Grant(2, "records.a", 3, "User:a.producer", 4), Grant(2, "records.a", 3, "User:a.client", 4)]


@pytest.mark.parametrize(("code", "asked"), [(0, 2), (54, 1), (31, 1)])
async def test_a_cluster_that_takes_no_rules_is_asked_once(code, asked) -> None:
    client = Client(code)
    await grant(client, TWO)
    assert client.asked == asked


async def test_a_rule_that_is_not_taken_now_is_tried_again() -> None:
    with pytest.raises(Transient, match="error 7"):
        await grant(Client(7), TWO)
