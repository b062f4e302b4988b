"""Secrets that we make: long and random, so that a plain hash keeps them."""

import hashlib
import hmac
import re
import secrets

KEY_ID = re.compile(r"[A-Za-z0-9]{1,64}")
# Reads like an API key, so that whatever hides keys in logs hides these too; no key has this id.
REFRESH_PREFIX = "ad_refresh_"
SECRET_BYTES = 32
ENVIRONMENTS = {"development": "dev", "test": "test", "production": "prod"}
"""How a key says where it is good, so that one in the wrong place is noticed by people and scanners."""


def new_id() -> str:
    """Letters and digits only: an underscore would end it inside a key."""
    return secrets.token_hex(8)


def new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def new_refresh_token() -> str:
    return REFRESH_PREFIX + new_secret()


def digest(text: str) -> str:
    """What is stored in place of a secret. Fit for random secrets only, never for passwords."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


NOBODY = digest(new_secret())


def matches(secret: str, secret_hash: str | None) -> bool:
    """Whether a secret is the one; takes the same time when there is none to compare with."""
    return hmac.compare_digest(digest(secret), secret_hash or NOBODY)
