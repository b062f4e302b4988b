"""Entries of the audit log as events."""

import uuid

from ad_auth.domain.audit import milliseconds
from ad_auth.ports import AuditEntry
from ad_chassis.audit_trail import audit_message
from ad_chassis.eventlog.port import Message
from ad_chassis.http.context import current_address, current_request_id
from ad_contracts.codec import Codec
from ad_contracts.events import AuditRecorded

SOURCE = "auth"


class AuditWriter:
    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def event(self, entry: AuditEntry) -> AuditRecorded:
        return AuditRecorded(
            id=str(uuid.uuid4()),
            tenant=entry.tenant,
            subject=entry.subject,
            action=entry.action,
            resource=entry.resource,
            outcome=entry.outcome,
            request_id=current_request_id(),
            details=dict(entry.details),
            event_time_ms=milliseconds(entry.at),
            address=current_address(),
            service=SOURCE,
        )

    def message(self, event: AuditRecorded) -> Message:
        return audit_message(event, self._codec)
