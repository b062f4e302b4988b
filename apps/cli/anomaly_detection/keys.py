"""The user's own keys: a model is signed with one, and those signed with trusted ones are loaded."""

from collections.abc import Sequence
from pathlib import Path

from ad_detectors.artifact import SigningKey, TrustedKeys
from ad_detectors.artifact.keyring import KeyRing
from anomaly_detection.folder import data_folder


def local_key() -> SigningKey:
    """The user's signing key, made at its first use with mode 0600."""
    return KeyRing(data_folder() / "keys").signing()


def trusted_keys(extra: Sequence[Path] = ()) -> TrustedKeys:
    """The user's own key, those in `keys/trusted/*.pem`, and further public key files."""
    return KeyRing(data_folder() / "keys").trusted(extra)
