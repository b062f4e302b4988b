"""The object store, over obstore: file://, memory://, s3://, gs:// and az://."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, MemoryStore, from_url

from ad_chassis.errors import NotFound, SettingsError, Unavailable
from ad_chassis.logs import get_logger

SCHEMES = ("file", "memory", "s3", "gs", "az")
CHUNK_BYTES = 1 << 20
log = get_logger("objects")


class ObjectNotFound(NotFound):
    """There is no object under this key."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    key: str
    size_bytes: int


class ObjectStore:
    """Whole objects by key. A put is seen entirely or not at all."""

    def __init__(self, url: str) -> None:
        self._store: Any = _open(url)

    async def start(self) -> None:
        """Connections are opened by the calls."""

    async def stop(self) -> None:
        """Connections are closed with the store."""

    async def check(self) -> None:
        """Raises when the store does not answer."""
        async for _ in self._store.list("ad-health-check", chunk_size=1):
            break

    async def put(self, key: str, data: bytes | Path | AsyncIterator[bytes]) -> None:
        """Stores an object, in parts when it is large; replaces one that is there.

        Raises `Unavailable` when the store does not take it, as when it is full.
        """
        try:
            await self._store.put_async(_checked(key), data)
        except BaseError as error:
            raise _not_taken(key, error) from error

    async def put_new(self, key: str, data: bytes) -> bool:
        """Stores an object unless there is one; whether it did."""
        try:
            await self._store.put_async(_checked(key), data, mode="create")
        except AlreadyExistsError:
            return False
        except BaseError as error:
            raise _not_taken(key, error) from error
        return True

    async def get(self, key: str) -> bytes:
        try:
            result = await self._store.get_async(_checked(key))
            return bytes(await result.bytes_async())
        except FileNotFoundError:
            raise _missing(key) from None

    async def stream(self, key: str, chunk_bytes: int = CHUNK_BYTES) -> AsyncIterator[bytes]:
        """The object in parts of about this size."""
        try:
            result = await self._store.get_async(_checked(key))
        except FileNotFoundError:
            raise _missing(key) from None
        async for chunk in result.stream(min_chunk_size=chunk_bytes):
            yield bytes(chunk)

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        try:
            return bytes(await self._store.get_range_async(_checked(key), start=start, length=length))
        except FileNotFoundError:
            raise _missing(key) from None

    async def size(self, key: str) -> int | None:
        """How many bytes, or None when there is no such object."""
        try:
            return int((await self._store.head_async(_checked(key)))["size"])
        except FileNotFoundError:
            return None

    async def list(self, prefix: str = "") -> list[ObjectInfo]:
        """Everything below a folder, ordered by key."""
        found: list[ObjectInfo] = []
        async for page in self._store.list(prefix or None):
            found += [ObjectInfo(entry["path"], entry["size"]) for entry in page]
        return sorted(found, key=lambda info: info.key)

    async def delete(self, key: str) -> None:
        """Removes an object; one that is not there is no error."""
        try:
            await self._store.delete_async(_checked(key))
        except FileNotFoundError:
            return


def _open(url: str) -> Any:
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise SettingsError(f"OBJECT_STORE_URL: {url!r} must begin with one of {known}")
    if parts.scheme == "memory":
        return MemoryStore()
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return LocalStore(folder, mkdir=True)
    return from_url(url)


def _checked(key: str) -> str:
    """A key that means the same in every store and cannot leave the folder."""
    parts = key.split("/")
    if not key or any(part in ("", ".", "..") for part in parts) or "\\" in key or "\0" in key:
        raise ValueError(f"the key {key!r} must be parts joined by '/', none of them empty, '.' or '..'")
    return key


def _not_taken(key: str, error: BaseError) -> Unavailable:
    """The reason may hold paths of the server, which are for its log alone."""
    log.error("object not stored", key=key, reason=str(error))
    return Unavailable("the object store did not take what it was given; it may be full: try again later")


def _missing(key: str) -> ObjectNotFound:
    return ObjectNotFound(f"there is no object {key!r}")
