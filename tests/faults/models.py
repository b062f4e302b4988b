"""The models that are promoted and rolled back, one of them in the shadow of others, and where they are to be had."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ad_detectors.artifact import load_bytes, save_bytes
from ad_detectors.artifact.keyring import KeyRing
from ad_detectors.model import Model
from tests.faults.records import FEATURES
from tests.support.canned_server import Answer, CannedServer

Version = str | None
"""None is the streaming detector."""
FIRST, SECOND, SHADOW = "pumps@1", "pumps@2", "shadow@1"
SHADOWED: tuple[Version, ...] = (SECOND, None)
"""Champions that have the challenger beside them, each time that they are promoted."""
CYCLE: tuple[Version, ...] = (FIRST, SECOND, FIRST, None)


class Registry(NamedTuple):
    url: str
    keys: Path
    """What the models are signed with."""
    models: Mapping[str, Model]

    @property
    def addresses(self) -> dict[str, str]:
        return {
            "AUTH_URL": self.url,
            "MODEL_REGISTRY_URL": self.url,
            "ANOMALY_DETECTION_SERVICE_KEY": "ad_faults_c2VjcmV0",
        }


def publish(canned: CannedServer, keys: Path) -> Registry:
    canned.on("POST /auth/token", {"access_token": "a", "expires_in": 900})
    models = {}
    for seed, reference in enumerate((FIRST, SECOND, SHADOW), start=1):
        rows = np.random.default_rng(seed).normal((10.0, 50.0), (1.0, 5.0), size=(200, 2))
        data = save_bytes(Model.train("zscore", rows, list(FEATURES)), KeyRing(keys).signing())
        models[reference] = load_bytes(data, KeyRing(keys).trusted())
        name, number = named(reference)
        path = f"GET /models/{name}/versions/{number}/artifact"
        canned.on(path, Answer(data, media_type="application/zip"))
    return Registry(canned.url, keys, models)


def named(reference: str) -> tuple[str, int]:
    name, _, number = reference.partition("@")
    return name, int(number)
