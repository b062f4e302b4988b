"""Models from the registry, verified, kept by version: a version never changes."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from ad_chassis.errors import NotFound
from ad_chassis.http import ServiceClient
from ad_detection.ports import ModelUnusable
from ad_detectors.artifact import TrustedKeys, load_bytes
from ad_detectors.errors import ArtifactError
from ad_detectors.model import Model

Key = tuple[str, str, int]


class RegistryModels:
    def __init__(self, registry: ServiceClient, trusted: Callable[[], TrustedKeys], size: int) -> None:
        self._registry = registry
        self._trusted = trusted
        self._size = size
        self._models: OrderedDict[Key, Model] = OrderedDict()
        self._lock = asyncio.Lock()

    def known(self, tenant: str, name: str, version: int) -> Model | None:
        """A model that was loaded, if it is still kept."""
        return self._models.get((tenant, name, version))

    async def load(self, tenant: str, name: str, version: int) -> Model:
        key = (tenant, name, version)
        if key in self._models:
            # Without a turn: one that is being fetched for the shadow must not hold up a champion.
            self._models.move_to_end(key)
            return self._models[key]
        async with self._lock:
            if key not in self._models:
                self._models[key] = await self._fetch(tenant, name, version)
            self._models.move_to_end(key)
            while len(self._models) > self._size:
                self._models.popitem(last=False)
            return self._models[key]

    async def _fetch(self, tenant: str, name: str, version: int) -> Model:
        path = f"/api/v1/models/{name}/versions/{version}/artifact"
        try:
            answer = await self._registry.get(path, tenant=tenant)
            return await asyncio.to_thread(self._verified, answer.content)
        except NotFound as error:
            raise ModelUnusable(f"{name}@{version} is not in the registry") from error
        except ArtifactError as error:
            raise ModelUnusable(f"{name}@{version}: {error}") from error

    def _verified(self, data: bytes) -> Model:
        model = load_bytes(data, self._trusted())
        model.warm_up()
        return model
