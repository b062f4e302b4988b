"""Signs access tokens (RFC 9068) and publishes the keys that verify them (RFC 7517)."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey

from ad_auth.domain.signing_keys import SigningKey, published, signing
from ad_auth.ports import SigningKeys
from ad_chassis.errors import Unavailable
from ad_chassis.platform import DEFAULT_TENANT
from ad_chassis.security import Principal
from ad_chassis.security.principal import to_claims

# How long a process may go on with a key after the time of the next one has come.
KEPT_SECONDS = 10.0
CLOCK_LEEWAY = timedelta(seconds=60)


def make_signing_key(algorithm: str, generation: int, now: datetime, signs_from: datetime) -> SigningKey:
    """A new key; its id is the thumbprint of RFC 7638. It belongs to the installation, so to its first tenant."""
    parameters: Any = {"use": "sig", "alg": algorithm}
    key: ECKey | OKPKey
    if algorithm == "ES256":
        key = ECKey.generate_key("P-256", parameters)
    else:
        key = OKPKey.generate_key("Ed25519", parameters)
    key_id = key.thumbprint()
    jwk = dict(key.as_dict(private=True)) | {"kid": key_id}
    return SigningKey(DEFAULT_TENANT, generation, key_id, algorithm, jwk, now, signs_from)


class TokenSigner:
    """Looks again for a newer key after a short while, so that processes follow one another."""

    def __init__(
        self,
        keys: SigningKeys,
        *,
        issuer: str,
        audience: str,
        access_lifetime: timedelta,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._published_for = access_lifetime + CLOCK_LEEWAY
        self._clock = clock
        self._current: SigningKey | None = None
        self._current_until = 0.0

    async def sign(self, principal: Principal, *, now: datetime, lifetime: timedelta) -> str:
        current = await self._signing_key(now)
        claims = to_claims(
            principal,
            issuer=self._issuer,
            audience=self._audience,
            issued_at=int(now.timestamp()),
            lifetime_seconds=lifetime.total_seconds(),
        )
        header = {"alg": current.algorithm, "kid": current.id, "typ": "at+jwt"}
        return jwt.encode(header, claims, imported(current), algorithms=[current.algorithm])

    async def key_set(self, now: datetime) -> dict[str, Any]:
        """Public parts only, read anew each time: a key must be published before it signs."""
        shown = published(await self._keys.all(), now, self._published_for)
        return dict(KeySet([imported(key) for key in shown]).as_dict(private=False))

    async def _signing_key(self, now: datetime) -> SigningKey:
        if self._current is None or self._clock() >= self._current_until:
            self._current = signing(await self._keys.all(), now)
            self._current_until = self._clock() + KEPT_SECONDS
        if self._current is None:
            raise Unavailable("auth is still starting: there is no key to sign with yet")
        return self._current


def imported(key: SigningKey) -> ECKey | OKPKey:
    return ECKey.import_key(key.jwk) if key.jwk["kty"] == "EC" else OKPKey.import_key(key.jwk)
