"""Model to bytes and back. Everything is verified before any of it is used."""

import base64
import binascii
import hashlib
import importlib.metadata
from typing import Any

import msgspec
from numpy.typing import NDArray

from ad_detectors import catalog
from ad_detectors.artifact import manifest as manifests
from ad_detectors.artifact.arrays import read_npy, write_npy
from ad_detectors.artifact.container import MANIFEST, MAX_BYTES, SIGNATURE, Container, pack
from ad_detectors.artifact.manifest import FORMAT, SCHEMA_VERSION, ArrayFile, Manifest
from ad_detectors.artifact.signing import SigningKey, TrustedKeys
from ad_detectors.base import FittedDetector
from ad_detectors.errors import ArtifactError, DetectorError
from ad_detectors.model import Model, Training

LIBRARIES = ("ad-detectors", "numba", "numpy", "scikit-learn")


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in manifest.sig."""

    key: str
    ed25519: str


def save_bytes(model: Model, signing_key: SigningKey) -> bytes:
    """The artifact of a model, signed. The same model and key give the same bytes."""
    arrays = {_file(name): write_npy(array) for name, array in sorted(model.detector.to_arrays().items())}
    manifest = manifests.encode(_manifest(model, arrays))
    signature = base64.b64encode(signing_key.sign(manifest)).decode()
    signed = msgspec.json.encode(Signature(key=signing_key.public.id, ed25519=signature))
    return pack({MANIFEST: manifest, SIGNATURE: signed, **arrays})


def load_bytes(data: bytes, trusted_keys: TrustedKeys, max_bytes: int = MAX_BYTES) -> Model:
    """Verify an artifact and rebuild its model.

    Order: kind and size of the file, names of its parts, signature over the manifest, schema, detector in the
    catalogue, size and hash of each array, and only then the arrays themselves.

    Raises
    ------
    ArtifactError
        Anything is not as it should be; the message says what.
    """
    container = Container(data, max_bytes)
    manifest = _verified(container, trusted_keys)
    detector_type = _detector_type(manifest.algorithm)
    expected = {_file(name) for name in manifest.arrays} | {MANIFEST, SIGNATURE}
    if container.names != expected:
        odd = ", ".join(sorted(container.names ^ expected))
        raise ArtifactError(f"the files of the artifact are not those of its manifest: {odd}")
    arrays = {name: _array(container, name, file) for name, file in manifest.arrays.items()}
    try:
        detector = detector_type.from_arrays(manifest.parameters, manifest.features, arrays)
    except DetectorError as error:
        raise ArtifactError(f"the artifact does not hold a whole {manifest.algorithm}: {error}") from error
    training = Training(manifest.rows, manifest.data_sha256, manifest.created_ms, manifest.metrics)
    return Model(detector, manifest.threshold, manifest.contamination, training)


def read_manifest(data: bytes, trusted_keys: TrustedKeys) -> Manifest:
    """The verified manifest alone; the arrays are not read."""
    return _verified(Container(data), trusted_keys)


def _manifest(model: Model, arrays: dict[str, bytes]) -> Manifest:
    return Manifest(
        format=FORMAT,
        schema_version=SCHEMA_VERSION,
        algorithm=model.algorithm,
        parameters=model.detector.parameters.as_dict(),
        features=list(model.feature_names),
        threshold=model.threshold,
        contamination=model.contamination,
        rows=model.training.rows,
        data_sha256=model.training.data_sha256,
        created_ms=model.training.created_ms,
        metrics=dict(model.training.metrics),
        libraries={name: importlib.metadata.version(name) for name in LIBRARIES},
        arrays={
            name.removeprefix("arrays/").removesuffix(".npy"): ArrayFile(
                sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data)
            )
            for name, data in arrays.items()
        },
    )


def _verified(container: Container, trusted_keys: TrustedKeys) -> Manifest:
    if SIGNATURE not in container.names:
        raise ArtifactError("the artifact is not signed; only signed artifacts are loaded")
    data = container.read(MANIFEST)
    try:
        signature = msgspec.json.decode(container.read(SIGNATURE), type=Signature)
        raw = base64.b64decode(signature.ed25519, validate=True)
    except (msgspec.MsgspecError, binascii.Error, ValueError) as error:
        if isinstance(error, ArtifactError):
            raise
        raise ArtifactError(f"the signature of the artifact cannot be read: {error}") from error
    trusted_keys.verify(signature.key, raw, data)
    return manifests.decode(data)


def _detector_type(algorithm: str) -> type[FittedDetector]:
    known = (*catalog.names("batch"), *catalog.names("series"))
    if algorithm not in known:
        raise ArtifactError(
            f"the artifact is of the unknown algorithm {algorithm!r}; known: {', '.join(known)}"
        )
    found = catalog.get(algorithm).detector_type
    if not issubclass(found, FittedDetector):
        raise ArtifactError(f"{algorithm!r} is not a detector with artifacts")
    return found


def _array(container: Container, name: str, file: ArrayFile) -> NDArray[Any]:
    path = _file(name)
    if container.size(path) != file.size_bytes:
        raise ArtifactError(f"{path} has {container.size(path)} bytes, its manifest says {file.size_bytes}")
    data = container.read(path)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise ArtifactError(f"{path} was changed: its hash is not the one in the manifest")
    return read_npy(data, path)


def _file(name: str) -> str:
    return f"arrays/{name}.npy"
