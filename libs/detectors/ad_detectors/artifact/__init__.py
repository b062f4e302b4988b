"""The model file: a signed zip of one manifest and plain arrays. No pickle, ever.

`save_bytes` writes it, `load_bytes` verifies and reads it; keys are in `signing`.
"""

from ad_detectors.artifact.container import MAX_BYTES
from ad_detectors.artifact.files import load_bytes, read_manifest, save_bytes
from ad_detectors.artifact.manifest import SCHEMA_VERSION, Manifest
from ad_detectors.artifact.signing import PublicKey, SigningKey, TrustedKeys
from ad_detectors.errors import ArtifactError

__all__ = [
    "MAX_BYTES",
    "SCHEMA_VERSION",
    "ArtifactError",
    "Manifest",
    "PublicKey",
    "SigningKey",
    "TrustedKeys",
    "load_bytes",
    "read_manifest",
    "save_bytes",
]
