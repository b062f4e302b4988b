"""What the other services know of tenants, as messages of the event log."""

from datetime import UTC, datetime

from ad_auth.adapters.audit import SOURCE
from ad_auth.domain.accounts import Tenant
from ad_auth.domain.audit import milliseconds
from ad_chassis.eventlog.port import Message
from ad_contracts.codec import CONTENT_TYPE, Codec
from ad_contracts.events import TenantChanged
from ad_contracts.headers import cloud_event
from ad_contracts.topics import topic


class TenantWriter:
    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def changed(self, tenant: Tenant) -> Message:
        event = TenantChanged(
            tenant=tenant.tenant,
            revision=tenant.revision,
            suspended=tenant.suspended_at is not None,
            quotas=tenant.quotas,
            changed_time_ms=milliseconds(datetime.now(UTC)),
        )
        event_id = f"{tenant.tenant}#{tenant.revision}"
        headers = cloud_event(event.schema, SOURCE, event_id, event.changed_time_ms, CONTENT_TYPE)
        return Message(topic("tenants"), self._codec.encode(event), tenant.tenant.encode(), headers)

    @staticmethod
    def gone(tenant: str) -> Message:
        """Compaction forgets the name with it."""
        return Message(topic("tenants"), None, tenant.encode())
