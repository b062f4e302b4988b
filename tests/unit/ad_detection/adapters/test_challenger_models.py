"""Models of challengers come in the background."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from ad_chassis.errors import Unavailable
from ad_detection.adapters.challenger_models import ChallengerModels
from ad_detection.domain.control import Challenger
from ad_detectors.model import Model

ONE = Challenger("pumps", 1)


class Registry:
    """Answers when it is let; knows what it was asked for before."""

    def __init__(self) -> None:
        self.model = Model.train("zscore", np.arange(20.0).reshape(-1, 1), ["load"])
        self.let = asyncio.Event()
        self.tries = 0
        self.failing = False
        self.loaded: set[tuple[str, str, int]] = set()

    def known(self, tenant: str, name: str, version: int) -> Model | None:
        return self.model if (tenant, name, version) in self.loaded else None

    async def load(self, tenant: str, name: str, version: int) -> Model:
        self.tries += 1
        await self.let.wait()
        if self.failing:
            raise Unavailable("the registry does not answer")
        self.loaded.add((tenant, name, version))
        return self.model


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
async def models(registry: Registry) -> AsyncIterator[ChallengerModels]:
    models = ChallengerModels(registry, retry_seconds=0.01)
    await models.start()
    yield models
    await models.stop()


async def arrived(models: ChallengerModels) -> Model:
    async with asyncio.timeout(10):
        while (model := models.get("default", ONE)) is None:
            await asyncio.sleep(0.001)
    return model


async def test_asking_does_not_wait_and_fetches_once(models, registry) -> None:
    assert [models.get("default", ONE) for _ in range(5)] == [None] * 5
    registry.let.set()
    assert await arrived(models) is registry.model
    assert registry.tries == 1


async def test_what_could_not_be_had_is_tried_again_after_a_while(models, registry) -> None:
    registry.failing = True
    registry.let.set()
    assert models.get("default", ONE) is None
    async with asyncio.timeout(10):
        while registry.tries < 3:
            assert models.get("default", ONE) is None
            await asyncio.sleep(0.001)
    registry.failing = False
    assert await arrived(models) is registry.model


async def test_what_is_still_being_fetched_ends_with_the_worker(models) -> None:
    assert models.get("default", ONE) is None
    [task] = models._fetching.values()
    await models.stop()
    assert task.cancelled()
