"""Which calls are worth an entry in the audit log, and what it says."""

import time
import uuid
from collections.abc import Callable
from typing import Literal

from starlette.types import Scope

from ad_chassis.http.context import current_address, current_request_id
from ad_chassis.redaction import escaped, redact_text
from ad_chassis.security.noted import NOTED, Noted
from ad_chassis.security.permissions import SCOPES
from ad_contracts.events import AuditRecorded

Outcome = Literal["allowed", "denied", "failed"]
MOST_OF_TEXT = 500
TOO_MANY = frozenset({"records:write"})
"""Calls that are the traffic itself: thousands a second, counted by metrics."""
CHANGES = frozenset(
    each
    for allowed in (SCOPES["write"], SCOPES["admin"], SCOPES["platform"])
    for each in allowed
    if not each.endswith(":read")
)
AUDITED = CHANGES - TOO_MANY


class CallAudit:
    """Notes calls that change something, and every call that was denied to somebody who is known.

    `own` is for a service that writes an entry with each change itself: only what it refused is left to note.
    """

    def __init__(self, service: str, note: Callable[[AuditRecorded], None], *, own: bool = False) -> None:
        self._service = service
        self._note = note
        self._own = own

    def __call__(self, scope: Scope, status: int) -> None:
        noted: Noted = scope[NOTED]
        outcome = outcome_of(status)
        if self._wanted(noted.permission, outcome):
            self._note(entry_of(scope, noted, status, outcome, self._service))

    def _wanted(self, permission: str, outcome: Outcome) -> bool:
        if outcome == "denied":
            return True
        return permission in AUDITED and not (self._own and outcome == "allowed")


def outcome_of(status: int) -> Outcome:
    if status in (401, 403):
        return "denied"
    return "allowed" if 200 <= status < 400 else "failed"


def entry_of(scope: Scope, noted: Noted, status: int, outcome: Outcome, service: str) -> AuditRecorded:
    """The name of the route in words, and the path with its parameters."""
    route = getattr(scope.get("route"), "name", "call")
    details = {"method": scope["method"], "permission": noted.permission, "status": str(status)}
    if query := scope.get("query_string"):
        details["query"] = escaped(redact_text(query.decode("latin-1")), MOST_OF_TEXT)
    return AuditRecorded(
        id=str(uuid.uuid4()),
        tenant=noted.principal.tenant,
        subject=noted.principal.subject,
        action=route.replace("_", " "),
        resource=escaped(redact_text(scope["path"]), MOST_OF_TEXT),
        outcome=outcome,
        request_id=current_request_id(),
        details=details,
        event_time_ms=time.time_ns() // 1_000_000,
        address=current_address(),
        service=service,
    )
