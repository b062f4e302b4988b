"""Erases what ingestion holds of a tenant: streams, records, dead letters, and the topics."""

from collections import Counter
from collections.abc import Awaitable, Callable

from ad_chassis.database import EVERY_TENANT
from ad_ingestion.ports import RecordLog, Store, TenantDirectory


async def erase_tenant(
    store: Store,
    log: RecordLog,
    tenants: TenantDirectory,
    erase: Callable[[str], Awaitable[Counter[str]]],
    tenant: str,
) -> Counter[str]:
    """The streams first, so that detection stops; the topics once nobody of this process follows them."""
    erased: Counter[str] = Counter()
    async with store.transaction(tenant) as work:
        erased["streams"] = await work.forget_streams(tenant)
    await store.tell()
    await tenants.forget(tenant)
    erased += await erase(tenant)
    async with store.transaction(EVERY_TENANT) as work:
        erased["replaced_files"] = await work.forget_replaced_of(tenant)
    erased["topics"] = await log.erase_tenant(tenant)
    return +erased
