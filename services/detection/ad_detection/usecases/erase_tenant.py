"""Erases what detection holds of a tenant: anomalies and all that is derived, replays, and snapshots of its topics."""

from collections import Counter
from collections.abc import Awaitable, Callable

from ad_contracts.topics import topic
from ad_detection.ports import Objects

SNAPSHOTS = "snapshots/"


async def erase_tenant(
    objects: Objects, erase: Callable[[str], Awaitable[Counter[str]]], tenant: str
) -> Counter[str]:
    """A topic that somebody else made keeps its snapshots: without them it could not be gone on with."""
    erased = await erase(tenant)
    for each in await objects.list(SNAPSHOTS.rstrip("/")):
        if _is_of(tenant, each.key):
            await objects.delete(each.key)
            erased[SNAPSHOTS] += 1
    return erased


def _is_of(tenant: str, key: str) -> bool:
    """`snapshots/<group>/<topic>/…`."""
    own, parts = topic("records", tenant), key.split("/")
    return len(parts) > 3 and (parts[2] == own or parts[2].startswith(f"{own}."))
