"""A model file from the registry, whole or not at all."""

import hashlib
import os
from pathlib import Path
from typing import Any

from anomaly_detection.client.api import Api
from anomaly_detection.client.problems import ServerError


def save(api: Api, version_path: str, target: Path) -> dict[str, Any]:
    """Writes the artifact of a version; what does not match its hash is not kept."""
    expected = api.call("GET", version_path)["artifact_sha256"]
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    digest, size = hashlib.sha256(), 0
    try:
        with api.download(f"{version_path}/artifact") as answer, draft.open("wb") as file:
            for chunk in answer.iter_bytes():
                digest.update(chunk)
                size += file.write(chunk)
        if digest.hexdigest() != expected:
            raise ServerError(f"{version_path}: what arrived is not the registered artifact; try again")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return {"size_bytes": size, "artifact_sha256": expected}
