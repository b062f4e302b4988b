"""Where the user's keys lie."""

from pathlib import Path

import pytest

from ad_detectors.artifact import ArtifactError, SigningKey
from anomaly_detection.keys import data_folder, local_key, trusted_keys


def test_the_data_folder_follows_the_environment(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("ANOMALY_DETECTION_DATA_DIR", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert data_folder() == tmp_path / "own"
    monkeypatch.delenv("ANOMALY_DETECTION_DATA_DIR")
    assert data_folder() == tmp_path / "share" / "anomaly_detection"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert data_folder() == Path.home() / ".local" / "share" / "anomaly_detection"


def test_the_key_stays_the_same_and_is_trusted() -> None:
    key = local_key()
    assert local_key().public == key.public
    trusted_keys().verify(key.public.id, key.sign(b"data"), b"data")


def test_key_files_that_are_named_are_trusted_too(tmp_path) -> None:
    friend, path = SigningKey.generate(), tmp_path / "friend.pem"
    path.write_bytes(friend.public.to_pem())
    trusted_keys([path]).verify(friend.public.id, friend.sign(b"data"), b"data")


def test_a_trusted_file_that_is_no_key_is_refused_by_name(tmp_path) -> None:
    path = tmp_path / "bad.pem"
    path.write_text("nonsense")
    with pytest.raises(ArtifactError, match=r"bad\.pem"):
        trusted_keys([path])
