"""A new password: long enough, not easily guessed, not among those that leaked."""

from ad_auth.domain.accounts import BETTER, InvalidAccount, checked_password
from ad_auth.ports import Passwords

LEAKED = f"this password is in a list of passwords that leaked, so it is tried first; {BETTER}"


async def choose_password(passwords: Passwords, password: str, username: str) -> str:
    """Its hash; `InvalidAccount` says what would be taken."""
    text = checked_password(password, username)
    if await passwords.leaked(text):
        raise InvalidAccount("password", LEAKED)
    return await passwords.hash(text)
