"""Passwords that leaked, in a file of SHA-1 hashes as Have I Been Pwned gives it: sorted, too large to be read."""

import hashlib
import mmap
import re
from pathlib import Path

from ad_chassis.errors import SettingsError

VARIABLE = "AUTH_BREACHED_PASSWORDS_FILE"
LINE = re.compile(rb"([0-9A-Fa-f]{40})(:\d+)?\r?\n?")
HASH_CHARACTERS = 40
SAMPLES = 64


class BreachedFile:
    """Looks for a hash by halving the file, which stays where it is: some 30 pages of it are read."""

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                self._text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise SettingsError(f"{VARIABLE}: {path} cannot be read: {error}") from error
        self._check(path)

    def close(self) -> None:
        self._text.close()

    def holds(self, password: str) -> bool:
        """Reads the disk, so it belongs into a thread."""
        digest = hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False)
        wanted = digest.hexdigest().upper().encode()
        low, high = 0, len(self._text)
        while low < high:
            start = self._line_start((low + high) // 2)
            found = self._hash_at(start)
            if found == wanted:
                return True
            if found < wanted:
                low = self._next_line(start)
            else:
                high = start
        return False

    def _line_start(self, place: int) -> int:
        return self._text.rfind(b"\n", 0, place) + 1

    def _next_line(self, start: int) -> int:
        end = self._text.find(b"\n", start)
        return len(self._text) if end < 0 else end + 1

    def _hash_at(self, start: int) -> bytes:
        return self._text[start : start + HASH_CHARACTERS].upper()

    def _check(self, path: Path) -> None:
        """A file of another kind would find nothing and say nothing."""
        size = len(self._text)
        starts = sorted({self._line_start(size * number // SAMPLES) for number in range(SAMPLES)})
        lines = [self._text[start : self._next_line(start)] for start in starts]
        wrong = next((line for line in lines if not LINE.fullmatch(line)), None)
        if wrong is not None:
            raise SettingsError(
                f"{VARIABLE}: {path} must have lines of a SHA-1 in 40 hex digits, with or without ':<count>'"
            )
        hashes = [line[:HASH_CHARACTERS].upper() for line in lines]
        if hashes != sorted(hashes):
            raise SettingsError(f"{VARIABLE}: {path} must be sorted by hash; sort it, or download it ordered")
