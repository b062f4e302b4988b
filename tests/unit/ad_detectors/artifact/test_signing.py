"""Keys as files, and whose signatures are believed."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ad_detectors.artifact import ArtifactError, PublicKey, SigningKey, TrustedKeys


def test_keys_survive_their_files() -> None:
    key = SigningKey.generate()
    assert SigningKey.from_pem(key.to_pem()).public == key.public
    assert PublicKey.from_pem(key.public.to_pem()) == key.public


def test_a_signature_holds_for_its_data_and_key_only() -> None:
    key, other = SigningKey.generate(), SigningKey.generate()
    signature = key.sign(b"data")
    assert key.public.verifies(signature, b"data")
    assert not key.public.verifies(signature, b"date")
    assert not other.public.verifies(signature, b"data")


def test_trusted_keys_refuse_strangers_and_changes() -> None:
    key = SigningKey.generate()
    trusted = TrustedKeys([key.public])
    trusted.verify(key.public.id, key.sign(b"data"), b"data")
    with pytest.raises(ArtifactError, match="not trusted"):
        trusted.verify("0123456789abcdef", key.sign(b"data"), b"data")
    with pytest.raises(ArtifactError, match="changed after signing"):
        trusted.verify(key.public.id, key.sign(b"data"), b"date")


def test_files_that_are_no_keys_are_refused() -> None:
    for read in (PublicKey.from_pem, SigningKey.from_pem):
        with pytest.raises(ArtifactError, match="not a PEM file"):
            read(b"nonsense")


def test_keys_of_another_type_are_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    public = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(ArtifactError, match="Ed25519"):
        PublicKey.from_pem(public)
    with pytest.raises(ArtifactError, match="Ed25519"):
        SigningKey.from_pem(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
