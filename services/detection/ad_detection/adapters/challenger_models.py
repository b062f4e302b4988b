"""Models of challengers, fetched in the background, so that no record waits for them."""

import asyncio

import structlog

from ad_chassis.errors import PlatformError
from ad_detection.adapters.model_registry import RegistryModels
from ad_detection.domain.control import Challenger
from ad_detection.ports import ModelUnusable
from ad_detectors.model import Model

RETRY_SECONDS = 30.0
log = structlog.get_logger(__name__)
Key = tuple[str, Challenger]


class ChallengerModels:
    """A component: what it fetches ends with it."""

    def __init__(self, models: RegistryModels, retry_seconds: float = RETRY_SECONDS) -> None:
        self._models = models
        self._retry_seconds = retry_seconds
        self._fetching: dict[Key, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Begins to fetch when first asked."""

    async def stop(self) -> None:
        for task in self._fetching.values():
            task.cancel()
        await asyncio.gather(*self._fetching.values(), return_exceptions=True)

    def get(self, tenant: str, challenger: Challenger) -> Model | None:
        """The verified model if it is here; else it is fetched, and will be."""
        model = self._models.known(tenant, challenger.model, challenger.version)
        key = (tenant, challenger)
        if model is None and key not in self._fetching:
            task = asyncio.create_task(self._fetch(key), name=f"fetch {challenger.reference}")
            self._fetching[key] = task
            task.add_done_callback(lambda _: self._fetching.pop(key, None))
        return model

    async def _fetch(self, key: Key) -> None:
        tenant, challenger = key
        try:
            await self._models.load(tenant, challenger.model, challenger.version)
            return
        except (ModelUnusable, PlatformError) as error:
            log.warning("challenger not to be had", model=challenger.reference, reason=str(error))
        except Exception:
            log.exception("challenger not to be had", model=challenger.reference)
        # Until then it counts as being fetched, so that nobody begins anew.
        await asyncio.sleep(self._retry_seconds)
