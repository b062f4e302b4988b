"""A model that is promoted and rolled back all the time, while workers come, go and are killed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from ad_detectors.artifact import load_bytes, save_bytes
from ad_detectors.artifact.keyring import KeyRing
from ad_detectors.model import Model
from tests.faults.conftest import RUNS, NewRig
from tests.faults.records import FEATURES
from tests.faults.rig import Rig
from tests.support.canned_server import Answer, CannedServer, running

pytestmark = pytest.mark.timeout(120 + 60 * RUNS)
NAME = "pumps"
EVERY_SECONDS = 1.0


@pytest.fixture(scope="module")
def registry() -> Iterator[CannedServer]:
    with running() as canned:
        canned.on("POST /auth/token", {"access_token": "a", "expires_in": 900})
        yield canned


def publish_models(rig: Rig, registry: CannedServer) -> list[str]:
    """Two versions, which the registry gives out from now on."""
    keys = rig.folder / "data" / "keys"
    for version in (1, 2):
        rows = np.random.default_rng(version).normal((10.0, 50.0), (1.0, 5.0), size=(200, 2))
        data = save_bytes(Model.train("zscore", rows, list(FEATURES)), KeyRing(keys).signing())
        rig.models[f"{NAME}@{version}"] = load_bytes(data, KeyRing(keys).trusted())
        path = f"GET /models/{NAME}/versions/{version}/artifact"
        registry.on(path, Answer(data, media_type="application/zip"))
    return list(rig.models)


@asynccontextmanager
async def changing(rig: Rig, versions: list[str]) -> AsyncIterator[None]:
    """Promotes and rolls back, every second, until the block ends."""

    async def change() -> None:
        while True:
            for version in (*versions, versions[0], None):
                await rig.promote(version)
                await asyncio.sleep(EVERY_SECONDS)

    task = asyncio.create_task(change())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("run", range(RUNS))
async def test_every_switch_of_models_happens_at_one_offset_whatever_becomes_of_the_worker(
    new_rig: NewRig, registry: CannedServer, run: int
) -> None:
    addresses = {
        "AUTH_URL": registry.url,
        "MODEL_REGISTRY_URL": registry.url,
        "ANOMALY_DETECTION_SERVICE_KEY": "ad_faults_c2VjcmV0",
    }
    rig = await new_rig(**addresses)
    versions = publish_models(rig, registry)
    rig.generate(seed=run, rate=500)
    async with changing(rig, versions):
        for passes in (25 + run, 40 + run):
            await rig.work(point="before_commit", passes=passes).ended(60)
        rig.work()
        await rig.until_more(1_500)
        audit = await rig.audit()
    assert audit.clean, str(audit)
    [switches] = [row for row in audit.rows if row.name == "switches"]
    assert switches.found > 6, str(audit)
