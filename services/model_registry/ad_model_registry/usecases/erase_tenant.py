"""Erases what the registry holds of a tenant."""

from collections import Counter
from collections.abc import Awaitable, Callable

from ad_model_registry.ports import Registry


async def erase_tenant(
    registry: Registry, erase: Callable[[str], Awaitable[Counter[str]]], tenant: str
) -> Counter[str]:
    """Detection is told first: afterwards nobody would know of which streams."""
    async with registry.transaction(tenant) as work:
        await work.tell_gone(tenant)
    return await erase(tenant)
