"""What a tenant's quotas allow of streams, records and storage."""

from ad_chassis.errors import Forbidden
from ad_chassis.tenants import check_quota
from ad_ingestion.ports import Limited, Rates, Store, Transaction

FEWER_STREAMS = "delete a stream, or ask the operator of the platform for more"
LESS_STORAGE = "delete streams with `purge`, or ask the operator of the platform for more"


async def check_streams(work: Transaction, limited: Limited, tenant: str) -> None:
    """Raises unless one more stream may be there."""
    limit = limited.quotas(tenant).streams
    if limit is not None:
        check_quota("streams", limit, await work.streams_in_use(tenant), FEWER_STREAMS)


async def check_storage(work: Transaction, limited: Limited, tenant: str, more: int) -> None:
    """Raises unless so many more bytes may lie in the lake."""
    limit = limited.quotas(tenant).storage_bytes
    if limit is not None:
        check_quota("storage_bytes", limit, await work.storage_in_use(tenant), LESS_STORAGE, more=more)


class Gate:
    """Before a body is looked at, and what it turned out to hold."""

    def __init__(self, limited: Limited, rates: Rates, store: Store) -> None:
        self._limited = limited
        self._rates = rates
        self._store = store

    async def admit(self, tenant: str) -> None:
        """Raises for a tenant that is shut out, has used up its rate or its storage."""
        if self._limited.suspended(tenant):
            raise Forbidden(f"the tenant {tenant!r} is suspended; nothing was stored")
        quotas = self._limited.quotas(tenant)
        await self._rates.admit(tenant, quotas.records_per_second)
        if quotas.storage_bytes is not None:
            async with self._store.transaction(tenant, read_only=True) as work:
                await check_storage(work, self._limited, tenant, more=1)

    async def count(self, tenant: str, records: int) -> None:
        await self._rates.count(tenant, self._limited.quotas(tenant).records_per_second, records)

    async def check_file(self, work: Transaction, tenant: str, size_bytes: int) -> None:
        """In the transaction that adds the file, so that two at a time do not exceed what one may."""
        await check_storage(work, self._limited, tenant, more=size_bytes)
