"""Rules as bytes: how a snapshot and a switch of rules say them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ad_data.schema import StreamSchema
from ad_detection.domain.control import Challenger, Rules, StreamRule, StreamSettings
from ad_detection.domain.state import PartitionState, obey

FORMAT = 1


class SnapshotError(ValueError):
    """A snapshot that this version cannot read; the message says why."""


def switch_to_bytes(before: Rules, after: Rules) -> bytes:
    """What changes from one set of rules to another: small, however much a partition has learnt."""
    changed = [rule_to_builtins(rule) for key, rule in after.items() if before.get(key) != rule]
    removed = [key for key in before if key not in after]
    return msgspec.json.encode({"format": FORMAT, "changed": changed, "removed": removed})


def apply_switch(state: PartitionState, data: bytes) -> None:
    """Puts the rules of a switch into force; a stream that is gone is forgotten."""
    try:
        body = msgspec.json.decode(data)
        changed = [rule_from_builtins(rule) for rule in body["changed"]]
        removed = [(tenant, stream) for tenant, stream in body["removed"]]
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise SnapshotError(f"the switch of rules is damaged: {error}") from error
    rules = {key: rule for key, rule in state.rules.items() if key not in removed}
    obey(state, rules | {rule.key: rule for rule in changed})


def rule_to_builtins(rule: StreamRule) -> dict[str, Any]:
    return {
        "tenant": rule.tenant,
        "stream": rule.stream,
        "topic": rule.topic,
        "schema": rule.schema.to_json(),
        "settings": msgspec.to_builtins(rule.settings),
        "revision": rule.revision,
        "generation": rule.generation,
        "model": rule.model,
        "version": rule.version,
        "deployment_revision": rule.deployment_revision,
        "challengers": rule.challengers,
    }


def rule_from_builtins(body: Mapping[str, Any]) -> StreamRule:
    read = {
        "schema": StreamSchema.from_json(body["schema"]),
        "settings": msgspec.convert(body["settings"], StreamSettings),
        "challengers": tuple(Challenger(*each) for each in body.get("challengers", ())),
    }
    return StreamRule(**{**body, **read})
