"""Rows that came with a request, in the object store, where every training process finds them."""

import asyncio
from pathlib import Path

from ad_chassis.objects import ObjectStore
from ad_training.domain.jobs import Job


class ObjectUploads:
    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    async def put(self, tenant: str, job_id: str, data: bytes) -> None:
        await self._objects.put(_key(tenant, job_id), data)

    async def fetch(self, tenant: str, job_id: str, into: Path) -> None:
        data = await self._objects.get(_key(tenant, job_id))
        await asyncio.to_thread(into.write_bytes, data)

    async def discard(self, job: Job) -> None:
        if "stream" not in job.source:
            await self._objects.delete(_key(job.tenant, job.id))


def _key(tenant: str, job_id: str) -> str:
    return f"training/{tenant}/{job_id}.arrow"
