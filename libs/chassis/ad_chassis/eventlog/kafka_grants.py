"""What the programs of a tenant may do with its topics, as rules (ACLs) of the cluster."""

import logging
from collections.abc import Iterable
from typing import Any, NamedTuple

from aiokafka.protocol.admin import CreateAclsRequest

from ad_chassis.eventlog.errors import Transient
from ad_chassis.security.kafka_identity import CLIENTS, CONSUMERS, PRODUCERS

log = logging.getLogger(__name__)
SENT = {"records"}
READ = {"anomalies", "scores"}
TOPIC, GROUP, TRANSACTION = 2, 3, 5
LITERAL, PREFIXED = 3, 4
MAY_READ, MAY_WRITE = 3, 4
ALLOW, ANY_HOST = 3, "*"
NO_AUTHORIZER, NOT_ALLOWED = 54, 31


class Grant(NamedTuple):
    """The numbers are those of Kafka's protocol. To read or write includes to describe."""

    resource: int
    name: str
    pattern: int
    principal: str
    operation: int


def grants_of(topics: Iterable[str]) -> list[Grant]:
    """Each topic by its whole name: a prefix would open the topics of a tenant whose name begins the same."""
    found: dict[Grant, None] = {}
    for topic in topics:
        kind, dot, rest = topic.partition(".")
        tenant = rest.partition(".")[0]
        if not dot or kind not in SENT | READ:
            continue
        roles = (PRODUCERS, CLIENTS) if kind in SENT else (CONSUMERS, CLIENTS)
        for principal in (f"User:{tenant}.{role}" for role in roles):
            operation = MAY_WRITE if kind in SENT else MAY_READ
            found[Grant(TOPIC, topic, LITERAL, principal, operation)] = None
            # Groups and transactions of a tenant begin with its name and a dot, which is in no tenant's name.
            beside = (TRANSACTION, MAY_WRITE) if kind in SENT else (GROUP, MAY_READ)
            found[Grant(beside[0], f"{tenant}.", PREFIXED, principal, beside[1])] = None
    return list(found)


async def grant(client: Any, grants: Iterable[Grant]) -> None:
    """Makes the rules that are missing; a cluster without rules, or that lets others make them, needs none of ours."""
    for each in grants:
        request = CreateAclsRequest(
            each.resource, each.name, each.pattern, each.principal, ANY_HOST, each.operation, ALLOW
        )
        node = client.get_random_node()
        await client.ready(node)
        [(code, message)] = (await client.send(node, request)).creation_responses
        if code in (NO_AUTHORIZER, NOT_ALLOWED):
            log.warning(
                "Kafka takes no rules from here, so keys of tenants may do nothing there: %s", message
            )
            return
        if code:
            raise Transient(f"Kafka did not take the rule {each}: error {code} {message}")
