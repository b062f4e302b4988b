"""The zip around an artifact: deterministic when written, bounded and suspicious when read."""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping

from ad_detectors.errors import ArtifactError

MAX_BYTES = 1 << 30
MAX_MANIFEST_BYTES = 4 << 20
MAX_FILES = 256

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
ARRAY_NAME = re.compile(r"arrays/[a-z][a-z0-9_]{0,63}\.npy")
EPOCH = (1980, 1, 1, 0, 0, 0)

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError)


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of files; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, date_time=EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return buffer.getvalue()


class Container:
    """An opened artifact of which nothing but the list of files has been read."""

    def __init__(self, data: bytes, max_bytes: int = MAX_BYTES) -> None:
        _check_kind(data, max_bytes)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            self._sizes = _checked_sizes(self._archive.infolist(), max_bytes)
        except DAMAGED as error:
            if isinstance(error, ArtifactError):
                raise
            raise ArtifactError(f"the artifact is damaged or cut off: {error}") from error

    @property
    def names(self) -> set[str]:
        """The names of all files."""
        return set(self._sizes)

    def size(self, name: str) -> int:
        """The size that the archive declares for a file."""
        return self._sizes[name]

    def read(self, name: str) -> bytes:
        """Unpack one file, never more than its declared size."""
        if name not in self._sizes:
            raise ArtifactError(f"the artifact has no {name}")
        try:
            with self._archive.open(name) as file:
                data = file.read(self._sizes[name] + 1)
        except DAMAGED as error:
            raise ArtifactError(f"{name} in the artifact is damaged: {error}") from error
        if len(data) != self._sizes[name]:
            raise ArtifactError(f"{name} in the artifact does not have the size that it declares")
        return data


def _check_kind(data: bytes, max_bytes: int) -> None:
    if len(data) > max_bytes:
        raise ArtifactError(f"the artifact has {len(data)} bytes; at most {max_bytes} are read")
    if data[:2] in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05") or data[:1] in (b"(", b"c"):
        raise ArtifactError(
            "this is a pickle, which can run code when it is read; it was not read. "
            "Train the model again and save it as .adm"
        )
    if data[:4] != b"PK\x03\x04":
        raise ArtifactError("this is not a model artifact (.adm): it is not a zip file")


def _checked_sizes(infos: list[zipfile.ZipInfo], max_bytes: int) -> dict[str, int]:
    if len(infos) > MAX_FILES:
        raise ArtifactError(f"the artifact has {len(infos)} files; at most {MAX_FILES} are allowed")
    sizes: dict[str, int] = {}
    for info in infos:
        if info.filename not in (MANIFEST, SIGNATURE) and not ARRAY_NAME.fullmatch(info.filename):
            raise ArtifactError(f"the artifact has a file that does not belong there: {info.filename[:80]!r}")
        if info.filename in sizes:
            raise ArtifactError(f"the artifact has {info.filename} twice")
        if info.flag_bits & 0x1:
            raise ArtifactError(f"{info.filename} in the artifact is encrypted")
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            # LZMA's header alone may ask for gigabytes.
            raise ArtifactError(
                f"{info.filename} in the artifact is compressed by another method than deflate"
            )
        sizes[info.filename] = info.file_size
    if sum(sizes.values()) > max_bytes:
        raise ArtifactError(f"the artifact unpacks to more than {max_bytes} bytes and was not unpacked")
    if max(sizes.get(MANIFEST, 0), sizes.get(SIGNATURE, 0)) > MAX_MANIFEST_BYTES:
        raise ArtifactError("the manifest of the artifact is too large")
    return sizes
