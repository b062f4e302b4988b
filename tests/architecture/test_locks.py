"""The locks hold hashes and no address, so that they install from any mirror."""

import re

from tests.architecture import project

LOCKS = sorted((project.ROOT / "requirements").glob("*.lock"))


def test_no_lock_holds_an_address() -> None:
    assert LOCKS
    for lock in LOCKS:
        assert not re.search(r"://|--index|--find-links", lock.read_text()), lock.name


def test_every_locked_package_has_a_hash() -> None:
    for lock in LOCKS:
        text = lock.read_text().replace("\\\n", " ")
        bare = [line for line in text.splitlines() if "==" in line and "--hash=sha256:" not in line]
        assert not bare, f"{lock.name}: {bare}"
