"""A model file into the registry and out of it, whole or not at all, and never whole in memory."""

import hashlib
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from anomaly_detection.client.answers import Download, ModelVersion
from anomaly_detection.client.calling import call, segment
from anomaly_detection.client.effects import Read, Request, Steps
from anomaly_detection.client.problems import ServerError
from anomaly_detection.errors import ClientError

PIECE_BYTES = 2**18


def uploaded(name: str, path: Path) -> Steps[ModelVersion]:
    """Registers a model file as the next version."""
    if not path.is_file():
        raise ClientError(f"{path}: no such model file; `anomaly_detection train` writes one")
    headers = {"Content-Type": "application/zip", "Content-Length": str(path.stat().st_size)}
    address = f"/models/{segment(name)}/versions"
    version: ModelVersion = yield from call(
        "POST", address, content=partial(_pieces, path), headers=headers, safe=False
    )
    return version


def downloaded(name: str, version: int | None, target: Path) -> Steps[Download]:
    """Writes the artifact of a version; what does not match its hash is not kept."""
    known: dict[str, Any]
    if version is None:
        versions = (yield from call("GET", f"/models/{segment(name)}"))["versions"]
        known = max(versions, key=lambda each: each["version"])
    else:
        known = yield from call("GET", f"/models/{segment(name)}/versions/{version}")
    path = f"/models/{segment(name)}/versions/{known['version']}"
    size = yield from _saved(path, known["artifact_sha256"], target)
    return {
        "name": name,
        "version": known["version"],
        "output": str(target),
        "size_bytes": size,
        "artifact_sha256": known["artifact_sha256"],
    }


def _saved(path: str, expected: str, target: Path) -> Steps[int]:
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    digest, size = hashlib.sha256(), 0
    try:
        yield Request("GET", f"{path}/artifact", opened=True)
        with draft.open("wb") as file:
            while (piece := (yield Read())) is not None:
                digest.update(piece)
                size += file.write(piece)
        if digest.hexdigest() != expected:
            raise ServerError(f"{path}: what arrived is not the registered artifact; try again")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return size


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece
