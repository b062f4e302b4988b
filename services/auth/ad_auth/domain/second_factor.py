"""The second factor: time-based codes (RFC 6238), and recovery codes for whoever loses what makes them."""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from ad_auth.domain.credentials import digest

ISSUER = "anomaly_detection"
DIGITS = 6
STEP_SECONDS = 30
SKEW_STEPS = 1
SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
CODE = re.compile(r"\d{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Asked for at logins once a first code has confirmed it; `last_step` is that of the newest code that was used."""

    tenant: str
    user_id: str
    secret: str = field(repr=False)
    created_at: datetime
    confirmed_at: datetime | None = None
    last_step: int | None = None


def new_secret() -> str:
    """In base 32, as apps take it; as long as the hash (RFC 4226 section 4, R6)."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_recovery_codes() -> list[str]:
    """Random enough for a plain hash to keep them."""
    return [_new_recovery_code() for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str) -> str:
    """The same however it is typed."""
    return digest(re.sub(r"[\s-]", "", code).lower())


def is_code(text: str) -> bool:
    """Whether it is one of an app; a recovery code otherwise."""
    return CODE.fullmatch(_plain(text)) is not None


def step_of(factor: SecondFactor, code: str, now: datetime) -> int | None:
    """The step of a code that is good now: of this one or a neighbour, and newer than the newest that was used."""
    current = int(now.timestamp()) // STEP_SECONDS
    typed, found = _plain(code).encode(errors="surrogatepass"), None
    for step in range(current - SKEW_STEPS, current + SKEW_STEPS + 1):
        if hmac.compare_digest(code_at(factor.secret, step), typed) and step > (factor.last_step or 0):
            found = step
    return found


def code_at(secret: str, step: int) -> bytes:
    return _totp(secret).generate(step * STEP_SECONDS)


def address_for_apps(secret: str, username: str, tenant: str, default_tenant: str) -> str:
    """What an app reads as a QR code; it names the tenant where that is not the usual one."""
    account = username if tenant == default_tenant else f"{username} ({tenant})"
    return _totp(secret).get_provisioning_uri(account, ISSUER)


def _totp(secret: str) -> TOTP:
    # What RFC 6238 has by default, and all that some apps know; HMAC-SHA-1 is not broken.
    sha1 = SHA1()  # nosec B303  # noqa: S303 - for HMAC alone
    return TOTP(base64.b32decode(secret), DIGITS, sha1, STEP_SECONDS)


def _plain(code: str) -> str:
    return code.replace(" ", "")


def _new_recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))
