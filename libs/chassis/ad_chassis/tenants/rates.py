"""Records in a time, counted by tenant for all processes that share a cache."""

from ad_chassis.cache import Cache, MemoryCache
from ad_chassis.errors import Unavailable
from ad_chassis.tenants.quotas import RateExceeded

BURST_SECONDS = 10
"""So much of a tenant's rate may come at once."""
QUOTA = "records_per_second"


class RecordRates:
    """A bucket for each tenant that drains at its rate. Who finds room in it may pour in a batch of any size.

    So a batch that is larger than the bucket is taken once and waited for afterwards, and the average holds.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._alone = MemoryCache()

    async def admit(self, tenant: str, limit: int | None) -> None:
        """Before a batch is looked at. Raises `RateExceeded` while the bucket is full."""
        if limit is None:
            return
        level = await self._pour(tenant, 0, limit)
        if level >= limit * BURST_SECONDS:
            raise RateExceeded(QUOTA, limit, round(level / BURST_SECONDS), level / limit - BURST_SECONDS)

    async def count(self, tenant: str, limit: int | None, records: int) -> None:
        """What an admitted batch held."""
        if limit is not None and records:
            await self._pour(tenant, records, limit)

    async def _pour(self, tenant: str, records: int, limit: int) -> float:
        """Without the shared cache each process is as strict by itself."""
        key = f"quota:{tenant}:records"
        try:
            return await self._cache.pour(key, records, limit)
        except Unavailable:
            return await self._alone.pour(key, records, limit)
