"""What stands in manifest.json, the signed part of an artifact."""

from typing import Any

import msgspec

from ad_detectors.errors import ArtifactError

FORMAT = "anomaly_detection/model"
SCHEMA_VERSION = 1


class ArrayFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One array: the hash and the size of its file."""

    sha256: str
    size_bytes: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model without its arrays."""

    format: str
    schema_version: int
    algorithm: str
    parameters: dict[str, int | float | str | bool]
    features: list[str]
    threshold: float
    contamination: float
    rows: int
    data_sha256: str
    created_ms: int | None
    metrics: dict[str, float]
    libraries: dict[str, str]
    arrays: dict[str, ArrayFile]


def encode(manifest: Manifest) -> bytes:
    """The bytes that are signed: JSON with sorted keys, the same for the same manifest."""
    return msgspec.json.encode(manifest, order="sorted")


def decode(data: bytes) -> Manifest:
    """Read verified bytes.

    Raises
    ------
    ArtifactError
        The manifest is not of a schema version that this library knows.
    """
    version = _version(data)
    if version != SCHEMA_VERSION:
        raise ArtifactError(
            f"the artifact has schema version {version!r}, this library reads {SCHEMA_VERSION}; "
            "update the library or train the model again"
        )
    try:
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.MsgspecError as error:
        raise ArtifactError(f"the manifest does not follow its schema: {error}") from error


def _version(data: bytes) -> Any:
    try:
        found = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ArtifactError(f"the manifest is not JSON: {error}") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ArtifactError(f"the manifest is not of the format {FORMAT!r}")
    return found.get("schema_version")
