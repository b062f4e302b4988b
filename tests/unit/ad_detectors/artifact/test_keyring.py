"""Keys in a folder."""

from pathlib import Path

import pytest

from ad_detectors.artifact import SigningKey
from ad_detectors.artifact.keyring import KeyRing
from ad_detectors.errors import ArtifactError


def test_the_signing_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys")
    first = ring.signing()
    assert ring.signing().to_pem() == first.to_pem()
    assert (tmp_path / "keys" / "signing.pem").stat().st_mode & 0o777 == 0o600


def test_the_own_key_is_trusted_once_there_is_one(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    key = ring.signing()
    ring.trusted().verify(key.public.id, key.sign(b"data"), b"data")
    with pytest.raises(ArtifactError, match="not trusted"):
        KeyRing(tmp_path / "empty").trusted().verify(key.public.id, key.sign(b"data"), b"data")


def test_keys_in_the_folder_of_trusted_ones_are_trusted(tmp_path: Path) -> None:
    other = SigningKey.generate()
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "colleague.pem").write_bytes(other.public.to_pem())
    KeyRing(tmp_path).trusted().verify(other.public.id, other.sign(b"data"), b"data")


def test_a_file_that_holds_no_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "notes.pem").write_text("hello")
    with pytest.raises(ArtifactError, match=r"notes\.pem"):
        KeyRing(tmp_path).trusted()
