"""Passwords that leaked are found in the file of their hashes."""

import hashlib
from pathlib import Path

import pytest

from ad_auth.adapters.breached_file import BreachedFile
from ad_chassis.errors import SettingsError

LEAKED = [f"leaked password {number}" for number in range(997)]


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper()


def content(end: str = "\r\n", count: str = ":7") -> str:
    return "".join(f"{each}{count}{end}" for each in sorted(map(sha1, LEAKED)))


@pytest.mark.parametrize(
    "text", [content(), content("\n", ""), content("\n").lower(), content().rstrip(), content("\n", ":12345")]
)
def test_every_password_of_the_file_is_found_and_no_other(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pwned.txt"
    path.write_bytes(text.encode())
    breached = BreachedFile(path)
    assert all(breached.holds(each) for each in LEAKED)
    assert not any(breached.holds(f"another {number}") for number in range(997))
    breached.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read"),
        ("password\nletmein\n", "40 hex digits"),
        (f"{'0' * 32}:1\n", "40 hex digits"),
        ("\n".join(reversed(content().splitlines())), "sorted by hash"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_would_find_nothing_is_refused_at_the_start(tmp_path: Path, text, message) -> None:
    path = tmp_path / "pwned.txt"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SettingsError, match=message) as caught:
        BreachedFile(path)
    assert "AUTH_BREACHED_PASSWORDS_FILE" in str(caught.value)
