"""The state of a `StreamDetector` as bytes: one manifest and plain arrays, checked when they are read."""

import io
import json
from dataclasses import dataclass
from tokenize import TokenError
from typing import Any

import numpy as np

from ad_detectors import catalog
from ad_detectors.artifact.container import MANIFEST, Container, pack
from ad_detectors.base import State
from ad_detectors.errors import ArtifactError, DetectorError

# numpy reads the head of an array as Python text, with all that can go wrong there.
TEXT = (SyntaxError, TokenError, RecursionError)
DAMAGED = (OSError, EOFError, ValueError, KeyError, TypeError, MemoryError, *TEXT)
FORMAT = "anomaly_detection stream"
VERSION = 1


@dataclass(frozen=True)
class Snapshot:
    """Everything on which the next score depends."""

    algorithm: str
    parameters: dict[str, Any]
    names: tuple[str, ...]
    entities: list[str | int | None]
    rows: int
    state: State


def pack_snapshot(snapshot: Snapshot) -> bytes:
    """A zip; equal snapshots give equal bytes."""
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "algorithm": snapshot.algorithm,
        "parameters": snapshot.parameters,
        "names": snapshot.names,
        "entities": snapshot.entities,
        "rows": snapshot.rows,
    }
    files = {MANIFEST: json.dumps(manifest, allow_nan=False).encode()}
    for name, array in sorted(snapshot.state.items()):
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=False)
        files[f"arrays/{name}.npy"] = buffer.getvalue()
    return pack(files)


def unpack_snapshot(data: bytes) -> Snapshot:
    """The snapshot in such a zip.

    Raises
    ------
    ArtifactError
        It is damaged, not one, or does not fit the detector that it names.
    """
    container = Container(data)
    try:
        manifest = json.loads(container.read(MANIFEST))
        if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
            raise ArtifactError(f"this is no state of a StreamDetector of version {VERSION}")
        state = {
            path.removeprefix("arrays/").removesuffix(".npy"): np.load(
                io.BytesIO(container.read(path)), allow_pickle=False
            )
            for path in sorted(container.names - {MANIFEST})
        }
        found = Snapshot(
            manifest["algorithm"],
            manifest["parameters"],
            tuple(manifest["names"]),
            manifest["entities"],
            manifest["rows"],
            state,
        )
        _check(found)
    except ArtifactError:
        raise
    except DAMAGED as error:
        raise ArtifactError(f"the state of the stream is damaged: {error}") from error
    return found


def _check(found: Snapshot) -> None:
    """Refuse arrays of other shapes or types than the detector makes, for its kernel would trust them."""
    try:
        detector = catalog.create_streaming(found.algorithm, **found.parameters)
        wanted = detector.new_state(1, max(len(found.names), 1)) if found.names else {}
    except DetectorError as error:
        raise ArtifactError(f"the state of the stream is of no detector that is known: {error}") from error
    keys = found.entities
    if not all(key is None or type(key) in {str, int} for key in keys) or len(set(keys)) != len(keys):
        raise ArtifactError("the state of the stream is damaged: its entities are no distinct keys")
    if type(found.rows) is not int or found.rows < 0:
        raise ArtifactError(f"the state of the stream is damaged: {found.rows!r} is no number of records")
    capacity = {len(array) for array in found.state.values() if array.ndim}
    shapes = {name: (array.dtype, array.shape[1:]) for name, array in found.state.items()}
    if shapes != {name: (array.dtype, array.shape[1:]) for name, array in wanted.items()}:
        raise ArtifactError(f"the arrays of the state are not those of {found.algorithm!r}")
    if len(capacity) > 1 or len(found.entities) > max(capacity, default=0):
        raise ArtifactError(f"the state has room for {capacity} entities, it names {len(found.entities)}")
