"""Ed25519 keys: who signed an artifact, and whose signatures are believed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from ad_detectors.errors import ArtifactError


@dataclass(frozen=True)
class PublicKey:
    """The half of a key that verifies; it may be given to anybody."""

    raw: bytes

    @property
    def id(self) -> str:
        """A short name of the key: 16 hexadecimal digits of its hash."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read a PEM file with an Ed25519 public key."""
        try:
            key = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ArtifactError("this is not a PEM file with a public key (BEGIN PUBLIC KEY)") from error
        if not isinstance(key, Ed25519PublicKey):
            raise ArtifactError("the public key is of another type; an Ed25519 key is needed")
        return cls(key.public_bytes_raw())

    def to_pem(self) -> bytes:
        """The key as a PEM file."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether the owner of the key signed exactly these bytes."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """The half of a key that signs; it stays where it was made."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def generate(cls) -> Self:
        """A new random key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read an unencrypted PEM file with an Ed25519 private key."""
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ArtifactError("this is not a PEM file with an unencrypted private key") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise ArtifactError("the private key is of another type; an Ed25519 key is needed")
        return cls(key)

    def to_pem(self) -> bytes:
        """The key as a PEM file, to be kept with mode 0600."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def public(self) -> PublicKey:
        """The half that verifies."""
        return PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, data: bytes) -> bytes:
        """64 bytes; the same for the same data."""
        return self._key.sign(data)


class TrustedKeys:
    """The keys whose artifacts are loaded."""

    def __init__(self, keys: Iterable[PublicKey] = ()) -> None:
        self._keys = {key.id: key for key in keys}

    def verify(self, key_id: str, signature: bytes, data: bytes) -> None:
        """Refuse data that none of the keys signed.

        Raises
        ------
        ArtifactError
            The key is not trusted, or the signature is not of this data.
        """
        key = self._keys.get(key_id)
        if key is None:
            known = ", ".join(sorted(self._keys)) or "none"
            raise ArtifactError(
                f"the artifact is signed by key {key_id}, which is not trusted (trusted: {known}); "
                "trust the signer's public key or train the model again"
            )
        if not key.verifies(signature, data):
            raise ArtifactError(
                "the signature does not fit the manifest: the artifact was changed after signing"
            )
