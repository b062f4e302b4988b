"""Erasure of what the registry holds."""

from collections import Counter
from datetime import UTC, datetime

from ad_chassis.eventlog.port import TopicPartition
from ad_model_registry.domain.models import Deployment
from ad_model_registry.usecases.erase_tenant import erase_tenant


async def test_detection_forgets_the_deployments_of_every_stream_of_the_tenant(platform, registry) -> None:
    now = datetime.now(UTC)
    for tenant, stream, revision in (("acme", "a", 1), ("acme", "a", 2), ("acme", "b", 1), ("other", "a", 1)):
        async with registry.transaction(tenant) as work:
            await work.save_deployment(
                Deployment(tenant, stream, revision=revision, changed_by="me", changed_at=now)
            )

    async def erase(tenant: str) -> Counter[str]:
        return Counter({"deployments": 3})

    assert await erase_tenant(registry, erase, "acme") == {"deployments": 3}
    log = platform.event_log
    end = (await log.end_offsets("deployments"))[0]
    records = [
        record
        async for batch in log.read(TopicPartition("deployments", 0), 0, end)
        for record in batch.records
    ]
    newest = {record.key: record.value is None for record in records}
    assert newest == {b"acme/a": True, b"acme/b": True, b"other/a": False}
