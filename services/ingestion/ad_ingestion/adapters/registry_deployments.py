"""What ingestion asks of the model registry."""

from ad_chassis.errors import NotFound
from ad_chassis.http import ServiceClient
from ad_ingestion.domain.streams import StreamKey


class RegistryDeployments:
    def __init__(self, registry: ServiceClient) -> None:
        self._registry = registry

    async def withdraw(self, key: StreamKey) -> None:
        tenant, stream = key
        try:
            await self._registry.delete(f"/api/v1/deployments/{stream}", tenant=tenant)
        except NotFound:
            return  # no model scored it
