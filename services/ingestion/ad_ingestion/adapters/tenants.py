"""The tenants whose dead letters this process stores: all that have a stream."""

from ad_chassis.database import EVERY_TENANT
from ad_chassis.eventlog.runloop import RunLoop
from ad_contracts.topics import topic
from ad_ingestion.adapters.record_log import LogRecords
from ad_ingestion.adapters.sql_store import SqlStore

DEFAULT_TENANT = "default"


class Tenants:
    """A component: knows those of the database, and notices new ones."""

    def __init__(self, store: SqlStore, log: LogRecords, storing: RunLoop) -> None:
        self._store = store
        self._log = log
        self._storing = storing
        self._known = {DEFAULT_TENANT}

    async def start(self) -> None:
        async with self._store.transaction(EVERY_TENANT, read_only=True) as work:
            found = await work.tenants()
        for tenant in sorted(found - self._known):
            await self._log.prepare_tenant(tenant)
        await self._follow(found)

    async def stop(self) -> None:
        """The run loop stops by itself."""

    async def prepare(self, tenant: str) -> None:
        if tenant not in self._known:
            await self._log.prepare_tenant(tenant)
            await self._follow({tenant})

    async def forget(self, tenant: str) -> None:
        if tenant in self._known:
            self._known -= {tenant}
            await self._storing.subscribe({topic("rejected", each) for each in self._known})

    async def _follow(self, tenants: set[str]) -> None:
        if not tenants <= self._known:
            self._known |= tenants
            await self._storing.subscribe({topic("rejected", tenant) for tenant in self._known})
