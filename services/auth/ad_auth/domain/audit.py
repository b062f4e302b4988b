"""Entries of the audit log, and how one follows another."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from msgspec.structs import replace

from ad_chassis.redaction import escaped
from ad_chassis.security.access import TENANT_NAME
from ad_contracts.audit_chain import FIELDS, Head, entry_hash
from ad_contracts.events import AuditRecorded

Outcome = Literal["allowed", "denied", "failed"]
Order = Literal["newest", "oldest"]
EVENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
MOST = {"id": 64, "subject": 255, "action": 128, "resource": 1_000, "address": 64, "service": 63}
MOST_DETAILS = 20
MOST_OF_DETAIL = 1_000
MOST_OF_REQUEST_ID = 128


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """An entry in its place; the fields are those that `ad_contracts.audit_chain` hashes."""

    tenant: str
    seq: int
    id: str
    at_ms: int
    subject: str
    action: str
    resource: str | None
    outcome: str
    address: str | None
    service: str | None
    request_id: str | None
    details: dict[str, str] = field(hash=False)
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is left out is not asked for; times are from (inclusive) and to (exclusive)."""

    subject: str | None = None
    action: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def takeable(event: AuditRecorded) -> bool:
    """Whether it can be an entry at all: it has a tenant and an id of its own."""
    return bool(TENANT_NAME.fullmatch(event.tenant) and EVENT_ID.fullmatch(event.id))


def chained(head: Head, events: Iterable[AuditRecorded]) -> list[ChainedEntry]:
    """The entries that these events of one tenant make after a head."""
    found: list[ChainedEntry] = []
    for event in events:
        values = _values(event) | {"seq": head.seq + 1, "previous_hash": head.hash}
        head = Head(head.seq + 1, entry_hash(values))
        found.append(ChainedEntry(**values, hash=head.hash))
    return found


def named(event: AuditRecorded, names: Mapping[str, str]) -> AuditRecorded:
    """With the names of its subject and its resource among the details, where these are ids of accounts."""
    places = (("subject_name", event.subject), ("resource_name", event.resource or ""))
    found = {place: names[each] for place, each in places if each in names}
    return replace(
        event, details=found | {name: event.details[name] for name in event.details if name not in found}
    )


def as_json(entry: ChainedEntry) -> Mapping[str, Any]:
    return {name: getattr(entry, name) for name in (*FIELDS, "hash")}


def _values(event: AuditRecorded) -> dict[str, Any]:
    """Cut to what the table holds, without characters that PostgreSQL does not take or a terminal obeys."""
    values: dict[str, Any] = {name: _text(getattr(event, name), most) for name, most in MOST.items()}
    details = list(event.details.items())[:MOST_DETAILS]
    return values | {
        "tenant": event.tenant,
        "at_ms": event.event_time_ms,
        "outcome": event.outcome,
        "request_id": _text(event.request_id, MOST_OF_REQUEST_ID),
        "details": {escaped(name, 63): escaped(value, MOST_OF_DETAIL) for name, value in details},
    }


def _text(text: str | None, most: int) -> str | None:
    return None if text is None else escaped(text, most)[:most]
