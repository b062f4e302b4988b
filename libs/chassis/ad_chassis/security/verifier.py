"""Checks access tokens: signature by a known asymmetric key, type, issuer, audience, times, revocation."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError

from ad_chassis.errors import Unauthenticated
from ad_chassis.security.jwks import JwksSource
from ad_chassis.security.principal import Principal, from_claims

ALGORITHMS = ("ES256", "Ed25519")
TOKEN_TYPES = ("at+jwt", "application/at+jwt")
MAX_TOKEN_CHARACTERS = 8192
IsRevoked = Callable[[str], Awaitable[bool]]


class TokenVerifier:
    """Turns the text of a token into a `Principal`, or raises `Unauthenticated` with a reason for the log."""

    def __init__(
        self,
        keys: JwksSource,
        *,
        issuer: str,
        audience: str,
        is_revoked: IsRevoked | None = None,
        clock: Callable[[], float] = time.time,
        leeway_seconds: int = 5,
    ) -> None:
        self._keys = keys
        self._is_revoked = is_revoked
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=leeway_seconds,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            nbf={"essential": True},
        )

    async def verify(self, token: str) -> Principal:
        try:
            claims = await self._verified_claims(token)
            principal = from_claims(claims)
        except ExpiredTokenError:
            raise refused("the token has expired; get a new one") from None
        except (JoseError, ValueError) as error:
            raise refused(f"the token is not valid: {error}") from None
        if self._is_revoked and principal.token_id and await self._is_revoked(principal.token_id):
            raise refused("the token was revoked")
        return principal

    async def _verified_claims(self, token: str) -> dict[str, Any]:
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise ValueError("it is too long")
        header = jws.extract_compact(token.encode()).headers()
        if header.get("typ", "").lower() not in TOKEN_TYPES:
            raise ValueError("its type must be at+jwt")
        if header.get("alg") not in ALGORITHMS:
            raise ValueError(f"its algorithm must be one of {', '.join(ALGORITHMS)}")
        key = await self._keys.key(str(header.get("kid", "")))
        if key is None:
            raise ValueError("it was signed with an unknown key")
        claims = jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims
        self._claims.validate(claims)
        return claims


def refused(detail: str) -> Unauthenticated:
    """401 as RFC 6750 wants it."""
    return Unauthenticated(detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
