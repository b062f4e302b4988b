"""Erasure of what detection holds."""

from collections import Counter

from ad_chassis.objects import ObjectStore
from ad_detection.usecases.erase_tenant import erase_tenant


async def test_snapshots_of_the_tenants_topics_go_and_no_others() -> None:
    objects = ObjectStore("memory://")
    mine = ("snapshots/detection/records.acme/0/1.json", "snapshots/detection/records.acme.pumps/0/1.npz")
    others = (
        "snapshots/detection/records.acme2/0/1.json",
        "snapshots/detection/records.other/0/1.json",
        "snapshots/detection/plant.acme/0/1.json",
        "replays/acme/1.ndjson",
    )
    for key in (*mine, *others):
        await objects.put(key, b"x")

    async def erase(tenant: str) -> Counter[str]:
        return Counter({"anomalies": 5})

    assert await erase_tenant(objects, erase, "acme") == {"anomalies": 5, "snapshots/": 2}
    assert {each.key for each in await objects.list()} == set(others)
