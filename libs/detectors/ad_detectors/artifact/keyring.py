"""A folder of keys: the one that signs, and those whose artifacts are loaded. The only file here that reads disks."""

import os
from collections.abc import Sequence
from pathlib import Path

from ad_detectors.artifact.signing import PublicKey, SigningKey, TrustedKeys
from ad_detectors.errors import ArtifactError

SIGNING = "signing.pem"
PUBLIC = "signing.pub.pem"
TRUSTED = "trusted"


class KeyRing:
    """`signing.pem` (mode 0600) with its public half beside it, and further public keys in `trusted/*.pem`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def signing(self) -> SigningKey:
        """The signing key, made at its first use."""
        path = self._folder / SIGNING
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_new(path, SigningKey.generate().to_pem(), 0o600)
        key = SigningKey.from_pem(path.read_bytes())
        if not (self._folder / PUBLIC).exists():
            _write_new(self._folder / PUBLIC, key.public.to_pem(), 0o644)
        return key

    def trusted(self, extra: Sequence[Path] = ()) -> TrustedKeys:
        """The ring's own key, those in `trusted/`, and further public key files."""
        own = self._folder / PUBLIC
        files = [*([own] if own.exists() else []), *sorted((self._folder / TRUSTED).glob("*.pem")), *extra]
        return TrustedKeys([_public_key(path) for path in files])


def _public_key(path: Path) -> PublicKey:
    try:
        return PublicKey.from_pem(path.read_bytes())
    except (ArtifactError, OSError) as error:
        raise ArtifactError(f"{path}: {error}") from error


def _write_new(path: Path, content: bytes, mode: int) -> None:
    """Complete or not at all, and the first of two processes wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
