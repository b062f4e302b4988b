"""Entries of the audit log as messages of the event log."""

import uuid
from datetime import datetime

from ad_auth.ports import AuditEntry
from ad_chassis.eventlog.port import Message
from ad_chassis.http.context import current_request_id
from ad_contracts.codec import CONTENT_TYPE, Codec
from ad_contracts.events import AuditRecorded
from ad_contracts.headers import cloud_event
from ad_contracts.topics import topic

SOURCE = "auth"


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


class AuditWriter:
    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def message(self, entry: AuditEntry) -> Message:
        event = AuditRecorded(
            id=str(uuid.uuid4()),
            tenant=entry.tenant,
            subject=entry.subject,
            action=entry.action,
            resource=entry.resource,
            outcome=entry.outcome,
            request_id=current_request_id(),
            details=dict(entry.details),
            event_time_ms=milliseconds(entry.at),
        )
        headers = cloud_event(event.schema, SOURCE, event.id, event.event_time_ms, CONTENT_TYPE)
        return Message(topic("audit"), self._codec.encode(event), key=entry.tenant.encode(), headers=headers)
