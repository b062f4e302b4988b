"""Tells where the chains of the audit log end, so that a copy of it stands where the database cannot reach."""

from datetime import datetime

from ad_auth.ports import Store
from ad_chassis.database import EVERY_TENANT
from ad_chassis.logs import get_logger
from ad_contracts.audit_chain import Head

log = get_logger("audit")


class AuditHeads:
    """One line in the logs for every chain that has grown."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told: dict[str, Head] = {}

    async def tell(self, _now: datetime) -> None:
        async with self._store.transaction(EVERY_TENANT, read_only=True) as work:
            heads = await work.audit_heads()
        for tenant, head in heads.items():
            if self._told.get(tenant) != head:
                log.info("audit head", tenant=tenant, seq=head.seq, hash=head.hash)
        self._told = heads
