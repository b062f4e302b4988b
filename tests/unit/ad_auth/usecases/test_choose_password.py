"""A new password."""

import hashlib

import pytest

from ad_auth.adapters.argon2_passwords import Argon2Passwords
from ad_auth.adapters.breached_file import BreachedFile
from ad_auth.domain.accounts import InvalidAccount
from ad_auth.settings import AuthSettings
from ad_auth.usecases.choose_password import choose_password

CHEAP = AuthSettings(password_memory_kib=8, password_rounds=1, password_lanes=1)
LEAKED = "correct horse battery staple"


@pytest.fixture
async def passwords(tmp_path):
    file = tmp_path / "pwned.txt"
    file.write_text(hashlib.sha1(LEAKED.encode(), usedforsecurity=False).hexdigest() + ":9\n")
    passwords = Argon2Passwords(CHEAP, BreachedFile(file))
    await passwords.start()
    yield passwords
    await passwords.stop()


async def test_a_good_one_is_hashed(passwords) -> None:
    password_hash = await choose_password(passwords, "correct horse battery", "ann")
    assert await passwords.verify(password_hash, "correct horse battery")


@pytest.mark.parametrize(
    ("password", "message"),
    [(LEAKED, "leaked"), ("Password1234!", "first that are tried"), ("short", "12 to 1024 characters")],
)
async def test_others_are_refused_with_the_reason_and_never_repeated(passwords, password, message) -> None:
    with pytest.raises(InvalidAccount, match=message) as caught:
        await choose_password(passwords, password, "ann")
    assert password not in str(caught.value)
