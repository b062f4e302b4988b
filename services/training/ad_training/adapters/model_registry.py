"""Registers what was trained."""

from ad_chassis.http import ServiceClient
from ad_training.domain.jobs import Job


class RegistryModels:
    def __init__(self, registry: ServiceClient, timeout_seconds: float = 120.0) -> None:
        self._registry = registry
        self._timeout_seconds = timeout_seconds

    async def register(self, job: Job, artifact: bytes) -> int:
        """Safe to repeat: the same bytes are the same version."""
        answer = await self._registry.post(
            f"/api/v1/models/{job.model}/versions",
            params={"job_id": job.id},
            content=artifact,
            headers={"Content-Type": "application/zip", "Idempotency-Key": f"training/{job.id}"},
            tenant=job.tenant,
            timeout_seconds=self._timeout_seconds,
        )
        return int(answer.json()["version"])
