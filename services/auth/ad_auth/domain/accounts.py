"""Users and API keys, and what their names and passwords must be."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from ad_auth.domain.credentials import matches
from ad_auth.domain.guessable import guessable
from ad_auth.domain.roles import ADMINISTRATOR

USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,127}")
PASSWORD_MIN = 12
PASSWORD_MAX = 1024
BETTER = "take a few words that do not belong together, or let a password manager make one"
GUESSABLE = (
    "this password is one of the first that are tried: common words, rows of keys, repetitions, dates or the "
    f"user name; {BETTER}"
)


class InvalidAccount(ValueError):
    """A field that cannot be taken; the message says what can, and never repeats a password."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.field = name


@dataclass(frozen=True, slots=True)
class Tenant:
    tenant: str
    created_at: datetime
    suspended_at: datetime | None = None
    quotas: dict[str, int] = field(default_factory=dict)
    """Its own limits; for the others the services' defaults count."""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class User:
    tenant: str
    id: str
    username: str
    password_hash: str = field(repr=False)
    role: str
    created_at: datetime
    updated_at: datetime
    streams: list[str] | None = None
    suspended_at: datetime | None = None

    @property
    def rules_all(self) -> bool:
        """Whether this administrator can be the last one."""
        return self.role == ADMINISTRATOR and self.streams is None and self.suspended_at is None

    def may_go_on_since(self, proven_at: datetime) -> bool:
        """Whether a login that was begun then may be ended: any change of the account, as of its password, ends it."""
        return self.suspended_at is None and self.updated_at <= proven_at


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Has a role, or permissions of its own. While a rotation overlaps, two secrets are good."""

    tenant: str
    id: str
    name: str
    secret_hash: str = field(repr=False)
    role: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    permissions: list[str] | None = None
    streams: list[str] | None = None
    old_secret_hash: str | None = field(default=None, repr=False)
    old_secret_until: datetime | None = None

    @property
    def rules_all(self) -> bool:
        """Whether this administrator can be the last one."""
        return self.role == ADMINISTRATOR and self.streams is None and self.expires_at is None

    def good_until(self, secret: str, now: datetime) -> datetime | None:
        """When this secret ends: in the past for a wrong one, and None for never."""
        current = matches(secret, self.secret_hash)
        old = matches(secret, self.old_secret_hash)
        ends = [] if self.expires_at is None else [self.expires_at]
        if not current:
            ends.append(self.old_secret_until if old and self.old_secret_until else now)
        return min(ends, default=None)

    def why_refused(self, secret: str) -> str:
        """For the audit log, of a secret that is not good (any more)."""
        if matches(secret, self.secret_hash):
            return "expired"
        return "replaced secret" if matches(secret, self.old_secret_hash) else "wrong secret"


def canonical_username(text: str) -> str:
    """The one way in which a user name is written."""
    name = text.strip().lower()
    if not USERNAME.fullmatch(name):
        raise InvalidAccount(
            "username",
            "a user name is a letter or digit, then up to 127 letters, digits or any of . _ @ + -",
        )
    return name


def normalised_password(password: str) -> str:
    """The same password however a keyboard composes its characters."""
    return unicodedata.normalize("NFKC", password)


def checked_password(password: str, username: str) -> str:
    """Length makes a password strong, unless it is what everybody takes; which characters it has is the user's."""
    text = normalised_password(password)
    if not PASSWORD_MIN <= len(text) <= PASSWORD_MAX:
        raise InvalidAccount("password", f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters")
    if text.casefold() == username.casefold():
        raise InvalidAccount("password", f"a password must not be the user name; {BETTER}")
    if guessable(text, username):
        raise InvalidAccount("password", GUESSABLE)
    return text


def checked_expiry(expires_at: datetime | None, now: datetime) -> datetime | None:
    if expires_at is not None and expires_at <= now:
        raise InvalidAccount("expires_at", "a key must expire in the future; leave it out for never")
    return expires_at
