"""Files that hold a key: only their owner may read them, and they are whole or not there."""

import asyncio
import contextlib
import os
import tempfile
from pathlib import Path

from ad_chassis.platform import SERVICE_KEY_FILE

ADMINISTRATOR_KEY_FILE = "admin.key"


class DataDirectory:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def write_administrator(self, key: str) -> str:
        path = self._folder / ADMINISTRATOR_KEY_FILE
        await asyncio.to_thread(_replace, path, key)
        return str(path)

    async def write_service(self, key: str) -> None:
        await asyncio.to_thread(_write_once, self._folder / SERVICE_KEY_FILE, key)


def _replace(path: Path, text: str) -> None:
    draft = _draft(path, text)
    draft.replace(path)


def _write_once(path: Path, text: str) -> None:
    """Of several processes that start at once, one writes it and the others find it."""
    if path.exists():
        return
    draft = _draft(path, text)
    try:
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def _draft(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Made by mkstemp with mode 0600 from its first moment.
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(number, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
